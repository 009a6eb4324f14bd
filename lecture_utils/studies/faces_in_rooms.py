"""Pictures of a face before a piece of a photograph, each with light of its own."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import skimage
from numpy.typing import NDArray
from skimage import color, io, transform
from sklearn.datasets import load_sample_images

PHOTOGRAPHS = Path(skimage.__file__).parent / "data"  # what ships with it, no download
ROOMS = ("brick.png", "grass.png", "gravel.png", "moon.png", "coffee.png", "chelsea.png",
         "rocket.jpg")  # fmt: skip
N_PEOPLE, FACE, SIDE = 100, 25, 50
CENTRE = (SIDE - FACE) // 2


@dataclass(frozen=True)
class FacesInRooms:
    """600 pictures of 100 people; made by `faces_in_rooms`.

    Attributes
    ----------
    pictures : ndarray of float, shape (600, 50, 50)
        Grey, from 0 to 1.
    corners : ndarray of int, shape (600, 2)
        Row and column of the face's upper left corner; the face is 25 by 25.
    light : dict of str to ndarray of int, shape (600,)
        Which side is brighter, -1 left and 1 right, on the ``"face"`` and in the ``"room"``.
    person : ndarray of int, shape (600,)
        Whose face it is, 0 to 99.
    """

    pictures: NDArray[np.float64]
    corners: NDArray[np.int64]
    light: dict[str, NDArray[np.int64]]
    person: NDArray[np.int64]


@cache
def photographs() -> tuple[NDArray[np.float64], ...]:
    """Return nine photographs without a face, grey and at half their size."""
    pictures = [io.imread(PHOTOGRAPHS / name) for name in ROOMS] + load_sample_images().images
    grey = [color.rgb2gray(p) if p.ndim > 2 else p / 255 for p in pictures]
    return tuple(transform.rescale(p, 0.5, anti_aliasing=True) for p in grey)


def lit(picture: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return the picture times a ramp from 0.7 to 1.3; side -1: brighter left, 1: right."""
    return picture * (1 + 0.3 * side * np.linspace(-1, 1, picture.shape[1]))


def faces_in_rooms(where: str, *, seed: int = 0) -> FacesInRooms:
    """Paste each of 100 faces into pieces of photographs, six times.

    The light on the face and that in the room are drawn independently of each other; both are
    the same for both values of `where`.

    Parameters
    ----------
    where : {"centre", "anywhere"}
        Where the face is.
    seed : int
        What is drawn with ``numpy.random.default_rng``.

    Returns
    -------
    FacesInRooms
        Pictures and what is known of them.

    Raises
    ------
    ValueError
        If `where` is neither.

    Examples
    --------
    >>> made = faces_in_rooms("anywhere")
    >>> made.pictures.shape, sorted(made.light)
    ((600, 50, 50), ['face', 'room'])
    """
    if where not in ("centre", "anywhere"):
        raise ValueError(f"where must be 'centre' or 'anywhere', got {where!r}")
    faces = np.load(PHOTOGRAPHS / "lfw_subset.npy")[:N_PEOPLE]  # the others show no face
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(N_PEOPLE), 6)
    light = {label: rng.choice([-1, 1], len(person)) for label in ("face", "room")}
    anywhere = rng.integers(0, SIDE - FACE + 1, (len(person), 2))
    corners = anywhere if where == "anywhere" else np.full_like(anywhere, CENTRE)
    pictures = [
        _place(faces[who], corner, light["face"][k], light["room"][k], rng)
        for k, (who, corner) in enumerate(zip(person, corners, strict=True))
    ]
    return FacesInRooms(np.array(pictures), corners, light, person)


def _place(
    face: NDArray[np.float64],
    corner: NDArray[np.int64],
    face_side: int,
    room_side: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    rooms = photographs()
    room = rooms[rng.integers(len(rooms))]
    top, left = (rng.integers(size - SIDE + 1) for size in room.shape)
    picture = lit(room[top : top + SIDE, left : left + SIDE], room_side)
    top, left = corner
    turned = face[:, :: rng.choice([-1, 1])]  # or its mirror image
    picture[top : top + FACE, left : left + FACE] = lit(turned, face_side)
    return np.clip(picture, 0, 1)


def cut(pictures: NDArray[np.float64], corners: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the squares of the size of a face at these upper left corners."""
    pairs = zip(pictures, corners, strict=True)
    return np.array([p[top : top + FACE, left : left + FACE] for p, (top, left) in pairs])


def split_people(
    person: NDArray[np.int64], split: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pictures train (50 people), validate (20) and test (30).

    >>> made = faces_in_rooms("centre")
    >>> [int(part.sum()) for part in split_people(made.person, 0)]
    [300, 120, 180]
    """
    order = np.random.default_rng(split).permutation(N_PEOPLE)
    train, validation, test = np.split(order, [50, 70])
    return np.isin(person, train), np.isin(person, validation), np.isin(person, test)
