"""Pictures with a known answer: where the face is, and from which side it is lit."""

import numpy as np
import pytest

from lecture_utils.studies.faces_in_rooms import (
    CENTRE,
    FACE,
    cut,
    faces_in_rooms,
    lit,
    split_people,
)


def test_only_the_place_of_the_face_differs():
    centred, anywhere = faces_in_rooms("centre"), faces_in_rooms("anywhere")
    assert (centred.corners == CENTRE).all()
    assert len(np.unique(anywhere.corners, axis=0)) > 200
    for label in ("face", "room"):
        np.testing.assert_array_equal(centred.light[label], anywhere.light[label])
    # The cut-out face is the same.
    faces = [cut(made.pictures, made.corners) for made in (centred, anywhere)]
    np.testing.assert_array_equal(*faces)


def test_the_lit_side_is_brighter():
    flat = np.full((4, 6), 0.5)
    assert lit(flat, 1)[:, -1].mean() > lit(flat, 1)[:, 0].mean()
    np.testing.assert_allclose(lit(flat, -1), lit(flat, 1)[:, ::-1])
    made = faces_in_rooms("centre")
    faces = cut(made.pictures, made.corners)
    right = faces[:, :, FACE // 2 + 1 :].mean(axis=(1, 2))
    left = faces[:, :, : FACE // 2].mean(axis=(1, 2))
    side = made.light["face"]
    assert np.corrcoef(right - left, side)[0, 1] > 0.5


def test_no_person_is_in_two_parts():
    made = faces_in_rooms("centre")
    train, validation, test = split_people(made.person, 3)
    assert (train.astype(int) + validation + test == 1).all()
    people = [set(made.person[part]) for part in (train, validation, test)]
    assert [len(part) for part in people] == [50, 20, 30]
    assert not people[0] & people[1] | people[0] & people[2] | people[1] & people[2]


def test_an_unknown_place_is_named():
    with pytest.raises(ValueError, match="'centre' or 'anywhere', got 'left'"):
        faces_in_rooms("left")
