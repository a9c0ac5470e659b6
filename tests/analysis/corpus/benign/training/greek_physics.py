"""Formulas with their usual letters."""
import math

π = math.pi
λ_min, λ_max = 380.0, 750.0


def pendulum(l, θ0, g=9.81):
    T0 = 2 * π * math.sqrt(l / g)
    return T0 * (1 + θ0**2 / 16)


def wave(x, t, λ, ω, φ=0.0):
    Δ = 2 * π * x / λ - ω * t + φ
    return math.cos(Δ)
