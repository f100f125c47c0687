package stats

import (
	"errors"
	"fmt"
	"math"
)

// BradleyTerry returns, for each player, the log of its strength with an interval:
// wins[i][j] is how often i won against j, ties counted as half a win of both. A player
// beats another with probability σ(βi-βj); the strengths have mean zero. The intervals
// are Wald's, from the Fisher information.
//
// There are best strengths only where every player can be reached from every other by
// a chain of wins (Ford 1957); else it is an error, which names a player.
func BradleyTerry(wins [][]float64, level float64) ([]Interval, error) {
	if err := checkLevel(level); err != nil {
		return nil, err
	}
	if err := checkWins(wins); err != nil {
		return nil, err
	}
	k := len(wins)
	beta := make([]float64, k)
	for range maxNewton {
		gradient, information := tournament(wins, beta)
		factor, ok := factorize(information)
		if !ok {
			return nil, errInformation
		}
		step := factor.solve(gradient)
		largest, mean := 0.0, 0.0
		for i := range beta {
			s := min(max(step[i], -2), 2) // far from the maximum Newton's step is too long
			beta[i] += s
			mean += beta[i] / float64(k)
			largest = max(largest, math.Abs(s))
		}
		for i := range beta {
			beta[i] -= mean
		}
		if largest < newtonTolerance {
			return waldIntervals(wins, beta, level)
		}
	}
	return nil, errors.New("stats: Bradley–Terry does not converge")
}

var errInformation = errors.New("stats: Bradley–Terry: the games say too little of a player")

// EloScale returns a log strength, or one's interval, on the scale of Elo's ratings:
// 1000 for the mean player, and 400 points for odds of ten to one.
func EloScale(i Interval) Interval {
	const points = 400 / math.Ln10
	return Interval{1000 + points*i.Value, 1000 + points*i.Lower, 1000 + points*i.Upper, i.Level}
}

// checkWins returns an error where wins is no table of a tournament that has best
// strengths.
func checkWins(wins [][]float64) error {
	k := len(wins)
	if k < 2 {
		return errors.New("stats: Bradley–Terry: want two players")
	}
	for i, row := range wins {
		if len(row) != k {
			return fmt.Errorf("stats: Bradley–Terry: row %d has %d players, want %d", i, len(row), k)
		}
		for j, n := range row {
			if n < 0 || math.IsNaN(n) || math.IsInf(n, 0) || i == j && n != 0 {
				return fmt.Errorf("stats: Bradley–Terry: player %d has %g wins against player %d", i, n, j)
			}
		}
	}
	beats := func(i, j int) bool { return wins[i][j] > 0 }
	beaten := func(i, j int) bool { return wins[j][i] > 0 }
	for _, edge := range []func(i, j int) bool{beats, beaten} {
		if i := unreached(k, edge); i >= 0 {
			return fmt.Errorf("stats: Bradley–Terry: no chain of wins joins player %d to all others in both directions", i)
		}
	}
	return nil
}

// unreached returns a player that cannot be reached from the first, or -1.
func unreached(k int, edge func(i, j int) bool) int {
	seen := make([]bool, k)
	seen[0] = true
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		for j := range k {
			if !seen[j] && edge(queue[0], j) {
				seen[j] = true
				queue = append(queue, j)
			}
		}
	}
	for i, s := range seen {
		if !s {
			return i
		}
	}
	return -1
}

// tournament returns the gradient of the log likelihood and the Fisher information. The
// information has no inverse, as strengths are free up to a constant: one over the number
// of players is added everywhere, which fixes their sum and changes nothing else.
func tournament(wins [][]float64, beta []float64) (gradient []float64, information [][]float64) {
	k := len(wins)
	gradient, information = make([]float64, k), square(k)
	for i := range k {
		for j := range k {
			information[i][j] += 1 / float64(k)
			games := wins[i][j] + wins[j][i]
			if i == j || games == 0 {
				continue
			}
			p := sigmoid(beta[i] - beta[j])
			gradient[i] += wins[i][j] - games*p
			w := games * p * (1 - p)
			information[i][i] += w
			information[i][j] -= w
		}
	}
	return gradient, information
}

// waldIntervals returns the strengths with their intervals.
func waldIntervals(wins [][]float64, beta []float64, level float64) ([]Interval, error) {
	k := len(beta)
	_, information := tournament(wins, beta)
	factor, ok := factorize(information)
	if !ok {
		return nil, errInformation
	}
	variances := factor.inverseDiagonal()
	z := twoSided(level)
	out := make([]Interval, k)
	for i := range out {
		// The constant that was added leaves 1/k of itself in the inverse.
		half := z * math.Sqrt(max(0, variances[i]-1/float64(k)))
		out[i] = Interval{beta[i], beta[i] - half, beta[i] + half, level}
	}
	return out, nil
}
