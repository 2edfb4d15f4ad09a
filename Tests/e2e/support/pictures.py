"""Pictures to upload."""

import io

from PIL import Image

Color = tuple[int, int, int]


def encoded(size: tuple[int, int], color: Color, kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, kind)
    return stream.getvalue()
