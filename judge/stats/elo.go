package stats

import (
	"fmt"
	"math"
)

// A Game is a comparison of two players.
type Game struct {
	A, B  int     // players
	Score float64 // of A: 1 won, ½ tie, 0 lost
}

// Elo returns the ratings of k players after games, in their order: all begin at initial,
// and a game moves both by step times the difference between its score and what the
// ratings foretold. Ratings depend on the order; for a ranking of a whole table
// [BradleyTerry] is the better estimate.
func Elo(games []Game, k int, initial, step float64) ([]float64, error) {
	ratings := make([]float64, k)
	for i := range ratings {
		ratings[i] = initial
	}
	for i, g := range games {
		if min(g.A, g.B) < 0 || max(g.A, g.B) >= k || g.A == g.B || !(g.Score >= 0 && g.Score <= 1) {
			return nil, fmt.Errorf("stats: Elo: game %d: %+v of %d players", i, g, k)
		}
		expected := 1 / (1 + math.Pow(10, (ratings[g.B]-ratings[g.A])/400))
		move := step * (g.Score - expected)
		ratings[g.A] += move
		ratings[g.B] -= move
	}
	return ratings, nil
}
