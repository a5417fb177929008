"""OpenCV, imported where it is first used, with a clear word where the system can't load it."""

from types import ModuleType


def opencv() -> ModuleType:
    """Return the module ``cv2``.

    Raises
    ------
    ImportError
        If a system library is missing; the message says which package has it.
    """
    try:
        import cv2  # noqa: PLC0415 - a tenth of a second, paid by pictures only
    except ImportError as error:
        raise ImportError(missing_library_advice(str(error))) from error
    return cv2


def missing_library_advice(reason: str) -> str:
    """Say what to install when ``import cv2`` failed with the message `reason`."""
    packages = {
        "libGL.so": "libgl1",
        "libgthread-2.0.so": "libglib2.0-0",
        "libglib-2.0.so": "libglib2.0-0",
        "libSM.so": "libsm6",
        "libXext.so": "libxext6",
        "libxcb.so": "libxcb1",
    }
    for library, package in packages.items():
        if library in reason:
            wanted = sorted({package, "libgl1", "libglib2.0-0"})
            return (
                f"OpenCV needs the system library {library}, which is not installed. "
                f"On Debian or Ubuntu: sudo apt install {' '.join(wanted)}"
            )
    return (
        f"OpenCV could not be loaded: {reason}. Install it with: python -m pip install "
        "opencv-python. On Debian or Ubuntu it also needs: sudo apt install libgl1 libglib2.0-0"
    )


if __name__ == "__main__":
    try:
        print(f"OpenCV {opencv().__version__} works.")
    except ImportError as error:
        raise SystemExit(str(error)) from None
