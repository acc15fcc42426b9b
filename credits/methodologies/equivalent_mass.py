"""Soil carbon of one core: by layers, to a fixed depth, or on an equivalent mass of soil.

May not read a database, a clock or a file. Several algorithms are published for the equivalent
mass; four are here, each by its name, since they differ by several tenths of a tonne:

* linear (Ellert and Bettany 1995): cumulative carbon interpolated on cumulative fine-earth mass;
* natural spline (Wendt and Hauser 2013; Verra VM0042 v2.2, 8.2.1.6): the natural cubic spline
  through the same points and (0, 0);
* monotone spline (von Haden et al. 2020; SimpleESM's "ESM2"): R's ``splinefun(method="hyman")``
  through the same points, which never falls where carbon only rises;
* excess mass (Australian 2018 Determination F2018L00089; Ruuts Protocol v1.0, eq. 6-9): the mass
  beyond the reference is taken off at the carbon content of the deepest layer.

The first three never reach below the deepest layer. The last does, because it sets its reference
at a tenth percentile: one core in ten is a little short, and the protocol lengthens it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
from scipy.interpolate import CubicHermiteSpline, CubicSpline

LINEAR, NATURAL_SPLINE, EXCESS_MASS = "linear", "natural_spline", "excess_mass"
MONOTONE_SPLINE = "monotone_spline"
FIXED_DEPTH = "fixed_depth"
TENTH = 10
# g/cm³ over a centimetre is 100 t/ha; g/mm² is 10,000 t/ha.
_T_PER_HA_OF_CM = 100
_T_PER_HA_OF_G_PER_MM2 = 10_000


class TooShallow(ValueError):
    """A core ends above the mass or the depth asked for; nothing is extrapolated."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Fine earth and carbon of one layer, t/ha; its thickness in cm where it is known."""

    mass: float
    carbon: float
    thickness: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A core's layers from the surface down, as running sums that begin at zero."""

    masses: tuple[float, ...]
    carbons: tuple[float, ...]
    depths: tuple[float, ...] | None

    @property
    def mass(self) -> float:
        return self.masses[-1]

    @property
    def carbon(self) -> float:
        return self.carbons[-1]


def mass_of_cores(mass_g: float, *, diameter_mm: float, cores: int = 1) -> float:
    """Fine earth of a layer from what the probe brought up.

    Args:
        mass_g: dry fine earth of all cores together, coarse fragments sieved off.
        diameter_mm: inner diameter of the probe.
        cores: how many were put together in this sample.

    Returns:
        t/ha: ``mass / (cores × π × (diameter / 2)²) × 10,000``.

    Source: Verra VM0042 v2.2, equation 3.
    """
    return mass_g / (cores * pi * (diameter_mm / 2) ** 2) * _T_PER_HA_OF_G_PER_MM2


def mass_of_density(thickness_cm: float, *, density: float, coarse_share: float = 0.0) -> float:
    """Fine earth of a layer from its bulk density.

    Args:
        thickness_cm: of the layer.
        density: g/cm³, of the whole soil with `coarse_share`; a density that is fine earth over
            the whole volume already leaves the coarse fragments out, and takes no share.
        coarse_share: coarse fragments (over 2 mm), a share of the volume.

    Returns:
        t/ha: ``thickness × density × (1 − share) × 100``.

    Source: ISRIC GSIF, OCSKGM; FAO GSOC-MRV Protocol, annex on stocks.
    """
    return thickness_cm * density * (1 - coarse_share) * _T_PER_HA_OF_CM


def mineral_mass(mass: float, organic_matter: float) -> float:
    """Fine earth without its organic matter, both t/ha; what the soil gains of carbon then does
    not count as soil gained.

    Source: von Haden et al. (2020), Global Change Biology 26, 3759-3770, and its script: mineral
    soil mass = soil mass − organic matter mass. Wendt and Hauser (2013) name the same.
    """
    return mass - organic_matter


def stack_layers(layers: Sequence[Layer]) -> Profile:
    """Running sums from the surface down; depths only where every layer tells its thickness."""
    thicknesses = [layer.thickness for layer in layers]
    known = [thickness for thickness in thicknesses if thickness is not None]
    return Profile(
        masses=_sums([layer.mass for layer in layers]),
        carbons=_sums([layer.carbon for layer in layers]),
        depths=_sums(known) if len(known) == len(thicknesses) else None,
    )


def stock_at_depth(profile: Profile, depth_cm: float) -> float:
    """Carbon down to a depth, t/ha, even within a layer.

    Raises:
        TooShallow: the core ends above, or does not tell its depths.
    """
    if profile.depths is None or depth_cm > profile.depths[-1]:
        raise TooShallow(depth_cm)
    return float(np.interp(depth_cm, profile.depths, profile.carbons))


def mass_at_depth(profile: Profile, depth_cm: float) -> float:
    """Mass down to a depth, t/ha, even within a layer.

    Raises:
        TooShallow: the core ends above, or does not tell its depths.
    """
    if profile.depths is None or depth_cm > profile.depths[-1]:
        raise TooShallow(depth_cm)
    return float(np.interp(depth_cm, profile.depths, profile.masses))


def stock_at_mass(profile: Profile, reference: float, *, method: str) -> float:
    """Carbon in the first `reference` t/ha of fine earth.

    Args:
        profile: the core.
        reference: equivalent mass of soil, t/ha.
        method: `LINEAR`, `NATURAL_SPLINE`, `MONOTONE_SPLINE` or `EXCESS_MASS`.

    Returns:
        t C/ha.

    Raises:
        TooShallow: the core has less fine earth than that, and the method does not lengthen it.
    """
    if reference > profile.mass and method != EXCESS_MASS:
        raise TooShallow(reference)
    if method == NATURAL_SPLINE and len(profile.masses) > 2:
        spline = CubicSpline(profile.masses, profile.carbons, bc_type="natural")
        return float(spline(reference))
    if method == MONOTONE_SPLINE and len(profile.masses) > 2:
        return monotone_spline(profile.masses, profile.carbons, reference)
    if reference <= profile.mass:
        return float(np.interp(reference, profile.masses, profile.carbons))
    content = (profile.carbons[-1] - profile.carbons[-2]) / (
        profile.masses[-1] - profile.masses[-2]
    )
    return profile.carbon - (profile.mass - reference) * content


def depth_at_mass(profile: Profile, reference: float) -> float | None:
    """How deep the equivalent mass reaches, cm; None where it is not known."""
    if profile.depths is None or reference > profile.mass:
        return None
    return float(np.interp(reference, profile.masses, profile.depths))


def percentile_mass(masses: Sequence[float], percent: float = TENTH) -> float:
    """A percentile of the cores' fine-earth masses, t/ha.

    Returns:
        By ``P = 100 × (k − 1) / (N − 1)`` of the ordered masses, linear between two of them.

    Source: Ruuts Protocol for SOC v1.0, equations 6 and 7.
    """
    return float(np.percentile(masses, percent))


def monotone_spline(x: Sequence[float], y: Sequence[float], at: float) -> float:
    """A cubic spline whose slopes are held back so that it never overshoots (Hyman 1983).

    Args:
        x: rising; three or more.
        y: rising or falling throughout.
        at: where it is read, between the first and the last x.

    Source: R 4, stats::splinefun: the spline of Forsythe, Malcolm and Moler, whose third
    derivatives at the ends are those of the cubics through the four outermost points, then
    Hyman's filter: no slope beyond three times the smaller of its neighbours' secants.
    """
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    secants = np.diff(ys) / np.diff(xs)
    slopes = _fmm_slopes(xs, ys)
    before, after = np.r_[secants[0], secants], np.r_[secants, secants[-1]]
    limit = 3 * np.minimum(abs(before), abs(after))
    sign = np.where(before * after > 0, after, slopes)
    held = np.where(
        sign >= 0,
        np.minimum(np.maximum(0, slopes), limit),
        np.maximum(np.minimum(0, slopes), -limit),
    )
    return float(CubicHermiteSpline(xs, ys, held)(at))


def _fmm_slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Slopes at the knots of the spline of Forsythe, Malcolm and Moler (1977), chapter 4.

    Its unknowns c are sixths of second derivatives; the ends take theirs from divided differences
    of third order, or are straight where there are only three knots.
    """
    n, h = len(x), np.diff(x)
    secants = np.diff(y) / h
    matrix = np.diag(np.r_[-h[0], 2 * (h[:-1] + h[1:]), -h[-1]])
    matrix += np.diag(h, 1) + np.diag(h, -1)
    right = np.r_[0.0, np.diff(secants), 0.0]
    if n > 3:
        second = np.diff(secants) / (x[2:] - x[:-2])
        right[0] = h[0] ** 2 * (second[1] - second[0]) / (x[3] - x[0])
        right[-1] = -(h[-1] ** 2) * (second[-1] - second[-2]) / (x[-1] - x[-4])
    c = np.linalg.solve(matrix, right)
    inner = secants - h * (c[1:] + 2 * c[:-1])
    return np.append(inner, secants[-1] + h[-1] * (c[-2] + 2 * c[-1]))


def _sums(values: Sequence[float]) -> tuple[float, ...]:
    return (0.0, *(float(value) for value in np.cumsum(values)))
