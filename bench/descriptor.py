"""A public descriptor of faces: dlib's, of photographs in this project's frame."""

import dlib
import face_recognition_models
import numpy as np
from PIL import Image

DESCRIPTOR = dlib.face_recognition_model_v1(face_recognition_models.face_recognition_model_location())


def describe(image):
    """128 numbers. The frame's eyes, at (0.373, 0.473) and (0.623, 0.473), go where dlib's chips have them."""
    side = image.width
    scale = 0.25 * side / 53.6
    # Between the eyes, from the picture's edge and not the first pixel's middle: 32.4 and 30.8 of 64.
    x, y = 0.50625 * side, 0.48125 * side
    box = (x - 75.2 * scale, y - 46.9 * scale, x + 74.8 * scale, y + 103.1 * scale)
    chip = image.transform((150, 150), Image.EXTENT, box, Image.BICUBIC)
    return np.array(DESCRIPTOR.compute_face_descriptor(np.asarray(chip)))
