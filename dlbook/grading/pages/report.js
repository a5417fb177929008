(() => {
  const words = new Intl.Collator(undefined, { numeric: true });
  const order = (a, b) => a === "" || b === "" ? 0
    : Number.isNaN(Number(a) + Number(b)) ? words.compare(a, b) : a - b;
  for (const table of document.querySelectorAll("table.sorts")) {
    const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    heads.forEach((head, at) => {
      if (head.classList.contains("fixed")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : head.classList.contains("number");
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].map((row) => {
          const cell = row.cells[at];
          return [cell.dataset.value ?? cell.textContent.trim(), row];
        });
        rows.sort(([a], [b]) => (a === "") - (b === "") || (down ? order(b, a) : order(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }
  // Within a page that frames this one, a browser would look for the link's place over there.
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    link.addEventListener("click", (event) => {
      if (location.protocol !== "about:") return;
      event.preventDefault();
      const place = document.getElementById(link.hash.slice(1));
      place.tabIndex = -1;
      place.focus();
    });
  }
})();
