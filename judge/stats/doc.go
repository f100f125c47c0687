// Package stats holds the statistics of evaluations, one file each: intervals
// (Wilson, Clopper–Pearson, bootstrap), agreement (Cohen's, Fleiss' and Krippendorff's
// coefficients), correlation (Pearson, Spearman, Kendall), win rates with and without
// control of length, rankings (Bradley–Terry, Elo), tests (McNemar, sign), biases of
// judges (position, verbosity, self-preference), calibration against people, and sizes
// of samples.
//
// Everything here is a pure function of numbers. A verdict that could not be read is no
// number: callers leave it out and count it. Where the place of a missing value matters,
// in [Krippendorff], it is NaN.
//
// What is random takes a seed and gives the same result for it on every machine.
//
// Reference values come from scipy, statsmodels, scikit-learn and krippendorff, by
// testdata/gen/stats.py.
package stats

import (
	"errors"
	"fmt"
)

// errEmpty is the error of statistics of nothing.
var errEmpty = errors.New("stats: no values")

// checkPair returns an error where two samples that belong together do not have the
// same length, or have none.
func checkPair(what string, x, y int) error {
	switch {
	case x != y:
		return fmt.Errorf("stats: %s: %d and %d values, want as many of both", what, x, y)
	case x == 0:
		return errEmpty
	}
	return nil
}
