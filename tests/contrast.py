"""How far apart two colours are for the eye, by WCAG 2.2.

Source: relative luminance and contrast ratio as defined there, from sRGB.
"""

from __future__ import annotations

# Success criteria 1.4.3 for words, 1.4.11 for what can be pressed or carries meaning.
TEXT = 4.5
PARTS = 3.0


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
