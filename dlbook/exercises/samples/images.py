"""What students of the sample class write in the exercises of chapter 5."""

TEXTS = {
    "images-read": """
#: right
def read_rgb(path):
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError("no such file: " + str(path))
    image = cv2.imread(str(path))
    if image is None:
        raise ValueError("not a picture: " + str(path))
    return image[:, :, ::-1].copy()

#: right
import os

def read_rgb(path):
    if not os.path.exists(path):
        raise FileNotFoundError(path)
    bgr = cv2.imread(os.fspath(path))
    if bgr is None:
        raise ValueError(f"{path} could not be read as an image")
    b, g, r = cv2.split(bgr)
    return cv2.merge([r, g, b])

#: bgr-kept
def read_rgb(path):
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} not found")
    image = cv2.imread(str(path))
    if image is None:
        raise ValueError(f"{path} is not an image")
    return image

#: broken-file-unnoticed
def read_rgb(path):
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} not found")
    image = cv2.imread(str(path))
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

#: none-unnoticed
def read_rgb(path):
    image = cv2.imread(str(path))
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

#: broken-counts-as-missing
def read_rgb(path):
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(f"{path} not found")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

#: path-not-named
def read_rgb(path):
    if not Path(path).exists():
        raise FileNotFoundError("File not found!")
    image = cv2.imread(str(path))
    if image is None:
        raise ValueError("This is not an image!")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

#: none-returned
def read_rgb(path):
    if not Path(path).exists():
        print("file not found:", path)
        return None
    image = cv2.imread(str(path))
    if image is None:
        print("not a picture:", path)
        return None
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
""",
    "images-fit-within": """
#: right
def fit_within(height, width, max_height, max_width):
    scale_h = max_height / height
    scale_w = max_width / width
    scale = min(scale_h, scale_w)
    if scale > 1:
        scale = 1
    new_height = max(1, int(round(height * scale)))
    new_width = max(1, int(round(width * scale)))
    return new_height, new_width

#: right
def fit_within(height, width, max_height, max_width):
    if height <= max_height and width <= max_width:
        return height, width
    shrink = max(height / max_height, width / max_width)
    return max(round(height / shrink), 1), max(round(width / shrink), 1)

#: enlarged
def fit_within(height, width, max_height, max_width):
    scale = min(max_height / height, max_width / width)
    return max(1, round(height * scale)), max(1, round(width * scale))

#: cut-off
def fit_within(height, width, max_height, max_width):
    scale = min(1, max_height / height, max_width / width)
    return max(1, int(height * scale)), max(1, int(width * scale))

#: no-pixels-left
def fit_within(height, width, max_height, max_width):
    scale = min(1, max_height / height, max_width / width)
    return round(height * scale), round(width * scale)

#: aspect-ratio-lost
def fit_within(height, width, max_height, max_width):
    return min(height, max_height), min(width, max_width)

#: larger-scale
def fit_within(height, width, max_height, max_width):
    scale = min(1, max(max_height / height, max_width / width))
    return max(1, round(height * scale)), max(1, round(width * scale))

#: error
def fit_within(height, width, max_height, max_width):
    scale = min(1, max_height / height, max_width / widht)
    return max(1, round(height * scale)), max(1, round(width * scale))

#: endless
def fit_within(height, width, max_height, max_width):
    h, w = height, width
    scale = 1.0
    while h > max_height or w > max_width:
        scale *= 0.99
        new_h = max(1, round(height * scale))
        new_w = max(1, round(width * scale))
    return h, w
""",
    "images-resize": """
#: right
def resize_to(image, height, width):
    old_height, old_width = image.shape[:2]
    if height < old_height and width < old_width:
        interpolation = cv2.INTER_AREA
    else:
        interpolation = cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=interpolation)

#: right
def resize_to(image, height, width):
    if image.shape[0] <= height or image.shape[1] <= width:
        return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)

#: size-turned-round
def resize_to(image, height, width):
    if height < image.shape[0] and width < image.shape[1]:
        return cv2.resize(image, (height, width), interpolation=cv2.INTER_AREA)
    return cv2.resize(image, (height, width), interpolation=cv2.INTER_LINEAR)

#: always-linear
def resize_to(image, height, width):
    smaller = height < image.shape[0] and width < image.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), how)

#: equal-counts-as-smaller
def resize_to(image, height, width):
    if height <= image.shape[0] and width <= image.shape[1]:
        how = cv2.INTER_AREA
    else:
        how = cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how)

#: or-for-and
def resize_to(image, height, width):
    smaller = height < image.shape[0] or width < image.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how)

#: grey-refused, error
def resize_to(image, height, width):
    h, w, channels = image.shape
    if height < h and width < w:
        how = cv2.INTER_AREA
    else:
        how = cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how)
""",
    "images-network-input": """
#: right
def to_network_input(image, size):
    if len(image.shape) == 3:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    else:
        grey = image
    small = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
    return (small / 255.0).reshape(-1)

#: right
def to_network_input(image, size):
    g = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    g = cv2.resize(g, (size, size), interpolation=cv2.INTER_AREA)
    return g.astype(float).flatten() / 255

#: grey-refused, error
def to_network_input(image, size):
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
    return small.flatten() / 255

#: not-divided
def to_network_input(image, size):
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA).flatten().astype(float)

#: always-linear
def to_network_input(image, size):
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.resize(image, (size, size)).flatten() / 255

#: not-in-a-row
def to_network_input(image, size):
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA) / 255

#: blue-for-red
def to_network_input(image, size):
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    return small.flatten() / 255

#: error
def to_network_input(image, size):
    if image.ndim = 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    return small.flatten() / 255
""",
    "images-digits": """
#: right
def train_digits(images, labels, rng):
    # no network at all: look for the most similar picture
    known = images.reshape(len(images), -1).astype(float) / 255
    squares = (known ** 2).sum(axis=1)

    def classify(new):
        x = new.reshape(len(new), -1) / 255
        distances = squares - 2 * x @ known.T
        return labels[distances.argmin(axis=1)]

    return classify

#: right
def train_digits(images, labels, rng):
    x = images.reshape(-1, 256) / 255
    y = np.eye(10)[labels]
    W1 = rng.normal(size=(256, 48)) * np.sqrt(2 / 256)
    b1 = np.zeros(48)
    W2 = rng.normal(size=(48, 10)) * np.sqrt(2 / 48)
    b2 = np.zeros(10)
    lr = 0.3

    for epoch in range(15):
        perm = rng.permutation(len(x))
        for i in range(0, len(x), 32):
            batch = perm[i:i + 32]
            xb, yb = x[batch], y[batch]
            h = np.maximum(0, xb @ W1 + b1)
            z = h @ W2 + b2
            e = np.exp(z - z.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)

            dz = (p - yb) / len(batch)
            dh = (dz @ W2.T) * (h > 0)
            dW2, db2 = h.T @ dz, dz.sum(axis=0)
            dW1, db1 = xb.T @ dh, dh.sum(axis=0)
            W2 -= lr * dW2
            b2 -= lr * db2
            W1 -= lr * dW1
            b1 -= lr * db1

    def classify(pictures):
        h = np.maximum(0, pictures.reshape(-1, 256) / 255 @ W1 + b1)
        return np.argmax(h @ W2 + b2, axis=1)

    return classify

#: no-hidden-layer, 3 points
def train_digits(images, labels, rng):
    x = images.reshape(len(images), 256) / 255
    w = np.zeros((256, 10))
    b = np.zeros(10)
    for epoch in range(30):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 50):
            rows = order[start:start + 50]
            z = x[rows] @ w + b
            e = np.exp(z - z.max(axis=1, keepdims=True))
            slope = e / e.sum(axis=1, keepdims=True)
            slope[np.arange(len(rows)), labels[rows]] -= 1
            slope /= len(rows)
            w -= 0.1 * x[rows].T @ slope
            b -= 0.1 * slope.sum(axis=0)

    def classify(images):
        return (images.reshape(len(images), 256) / 255 @ w + b).argmax(axis=1)

    return classify

#: halfway, 2 points
def train_digits(images, labels, rng):
    # 250 pictures are faster
    known = images[:250].reshape(250, 256) / 255
    known_labels = labels[:250]

    def classify(images):
        found = []
        for image in images:
            distance = ((known - image.reshape(256) / 255) ** 2).sum(axis=1)
            found.append(known_labels[distance.argmin()])
        return np.array(found)

    return classify

#: one-for-each-class
def train_digits(images, labels, rng):
    x = images.reshape(len(images), 256) / 255
    y = np.eye(10)[labels]
    w = np.linalg.lstsq(x, y, rcond=None)[0]

    def classify(images):
        scores = images.reshape(len(images), 256) / 255 @ w
        return scores

    return classify

#: no-function, error
def train_digits(images, labels, rng):
    x = images.reshape(len(images), 256) / 255
    w = np.linalg.lstsq(x, np.eye(10)[labels], rcond=None)[0]

    def classify(images):
        return (images.reshape(len(images), 256) / 255 @ w).argmax(axis=1)

    return classify(images)

#: always-the-same
def train_digits(images, labels, rng):
    x = images.reshape(len(images), 256) / 255
    w1, b1 = np.zeros((256, 32)), np.zeros(32)
    w2, b2 = np.zeros((32, 10)), np.zeros(10)
    for step in range(100):
        hidden = np.maximum(x @ w1 + b1, 0)
        scores = hidden @ w2 + b2
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        d = e / e.sum(axis=1, keepdims=True)
        d[np.arange(len(x)), labels] -= 1
        d /= len(x)
        d_hidden = (d @ w2.T) * (hidden > 0)
        w2 -= 0.5 * hidden.T @ d
        b2 -= 0.5 * d.sum(axis=0)
        w1 -= 0.5 * x.T @ d_hidden
        b1 -= 0.5 * d_hidden.sum(axis=0)

    def classify(images):
        x = images.reshape(len(images), 256) / 255
        return (np.maximum(x @ w1 + b1, 0) @ w2 + b2).argmax(axis=1)

    return classify

#: a-beginning, 1 point
def train_digits(images, labels, rng):
    some = rng.choice(len(images), 85, replace=False)
    x = images[some].reshape(85, 256) / 255

    def classify(images):
        new = images.reshape(len(images), 256) / 255
        distances = (x ** 2).sum(axis=1) - 2 * new @ x.T
        return labels[some][distances.argmin(axis=1)]

    return classify
""",
}
