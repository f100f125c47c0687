package stats

import (
	"fmt"
	"math"
)

// A Design says how sure a comparison must be.
type Design struct {
	Alpha float64 // chance of finding a difference where there is none, two-sided; for example 0.05
	Power float64 // chance of finding one that is there; for example 0.8
}

// z returns the normal quantiles of the design, and an error where it is none.
func (d Design) z() (alpha, power float64, err error) {
	if !(d.Alpha > 0 && d.Alpha < 1 && d.Power > 0 && d.Power < 1) {
		return 0, 0, fmt.Errorf("stats: sample size: alpha %g and power %g: want both between 0 and 1", d.Alpha, d.Power)
	}
	return quantile(1 - d.Alpha/2), quantile(d.Power), nil
}

// ForMean returns how many items show a mean difference delta of values whose
// differences have the standard deviation sd.
func (d Design) ForMean(delta, sd float64) (float64, error) {
	a, b, err := d.z()
	if err != nil || delta == 0 || !(sd > 0) {
		return 0, sizeError(err, "difference %g, standard deviation %g", delta, sd)
	}
	return math.Pow((a+b)*sd/delta, 2), nil
}

// ForProportions returns how many items each of two samples needs to tell the share p
// from q.
func (d Design) ForProportions(p, q float64) (float64, error) {
	a, b, err := d.z()
	if err != nil || p == q || min(p, q) < 0 || max(p, q) > 1 {
		return 0, sizeError(err, "shares %g and %g", p, q)
	}
	mean := (p + q) / 2
	root := a*math.Sqrt(2*mean*(1-mean)) + b*math.Sqrt(p*(1-p)+q*(1-q))
	return math.Pow(root/(p-q), 2), nil
}

// ForPairs returns how many items, judged for both systems, McNemar's test needs to tell
// accuracies that differ by delta where the two systems differ on a share discordant of
// the items (Connor 1987).
func (d Design) ForPairs(delta, discordant float64) (float64, error) {
	a, b, err := d.z()
	if err != nil || delta == 0 || discordant > 1 || discordant < math.Abs(delta) {
		return 0, sizeError(err, "difference %g, discordant share %g", delta, discordant)
	}
	root := a*math.Sqrt(discordant) + b*math.Sqrt(discordant-delta*delta)
	return math.Pow(root/delta, 2), nil
}

func sizeError(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("stats: sample size: "+format+": no such difference", args...)
}
