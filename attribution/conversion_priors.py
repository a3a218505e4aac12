"""The numbers of the conversion model's priors. Why each is what it is: docs/conversion.md."""

INTERCEPT = (-2.0, 2.0)
"""Mean and standard deviation of the intercept on the logit scale: 95 % of rates between 0.3 % and 88 %."""

EFFECT = 0.7
"""Scale of the half-normal prior of a dimension's spread on the logit scale: odds of levels within a factor of four."""

INTERACTION = 0.4
"""The same for segment by channel: what the two do not explain alone."""

STEP = 0.15
"""The same for a step of the walk over periods: odds move by up to a third from one period to the next."""

OWN_STEP = 0.1
"""The same for how a segment's step differs from the common one."""

LOG_VALUE_SD = 2.0
"""Standard deviation of the typical value's logarithm around the observed one."""

LOG_SPREAD = (-0.25, 0.75)
"""Mean and standard deviation of the logarithm of a log-normal's sigma: 95 % between 0.18 and 3.4."""

VALUE_EFFECT = 0.7
"""Scale of the half-normal prior of a dimension's spread on the logarithm of the value."""

VALUE_SPREAD = 0.3
"""The same for how segments differ in the logarithm of sigma."""
