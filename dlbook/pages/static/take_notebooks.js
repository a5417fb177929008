/* A notebook is a file to keep. From a website a browser saves it; from a disk it would show its
   text, so there the file comes from a script that lies beside it. */

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href$=".ipynb"]');
  if (!link) return;
  link.removeAttribute("target");
  link.download = "";
  if (window.location.protocol !== "file:") return;
  event.preventDefault();
  const script = document.createElement("script");
  script.src = `${link.href}.js`;
  document.head.append(script);
});

window.saveNotebook = (name, text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
  link.download = name;
  link.click();
};
