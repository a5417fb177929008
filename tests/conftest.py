"""What several tests share."""

import os
from types import ModuleType

import numpy as np
import pytest

os.environ["DLBOOK_PROGRESS"] = "off"  # what is checked in tests is nobody's progress


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2026)


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch, the second opinion; DLBOOK_REQUIRE_ORACLES=1 makes its absence a failure."""
    try:
        import torch  # noqa: PLC0415
    except ImportError:
        if os.environ.get("DLBOOK_REQUIRE_ORACLES"):
            pytest.fail("PyTorch must be here for this run: pip install torch==2.13.0")
        pytest.skip("PyTorch is not installed: pip install torch==2.13.0 to ask it as well")
    torch.set_num_threads(1)
    return torch
