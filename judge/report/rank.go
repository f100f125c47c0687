package report

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"github.com/seed6700ada1/infer/judge/stats"
)

// A Standing is a system in a ranking.
type Standing struct {
	Name   string         `json:"name"`
	Rating stats.Interval `json:"rating"` // Bradley–Terry, on the scale of Elo's ratings
	Elo    float64        `json:"elo"`    // after the games in their order
	Games  int            `json:"games"`
	Score  float64        `json:"score"` // mean of wins, ties counted half
}

// Rank ranks the systems whose candidates were compared, by the verdicts of all judges or
// of the one called judge. Comparisons and orders of named candidates count; an order is
// a game of each two.
func Rank(lines iter.Seq2[Line, error], judge string) ([]Standing, error) {
	players := map[string]int{}
	var names []string
	id := func(name string) int {
		n, ok := players[name]
		if !ok {
			n = len(names)
			players[name] = n
			names = append(names, name)
		}
		return n
	}
	var games []stats.Game
	for line, err := range lines {
		if err != nil {
			return nil, err
		}
		if line.Names == nil || judge != "" && line.Judge != judge {
			continue
		}
		if line.Choice != nil && line.Outcome != nil && line.Names[0] != line.Names[1] {
			games = append(games, stats.Game{A: id(line.Names[0]), B: id(line.Names[1]), Score: *line.Outcome})
		}
		if line.Ranking == nil {
			continue
		}
		order, _ := line.Ranking.Value()
		for i, better := range order {
			for _, worse := range order[i+1:] {
				if a, b := line.Names[better], line.Names[worse]; a != b {
					games = append(games, stats.Game{A: id(a), B: id(b), Score: 1})
				}
			}
		}
	}
	if len(games) == 0 {
		return nil, errors.New("report: no comparison of candidates that have names")
	}
	return standings(names, games)
}

func standings(names []string, games []stats.Game) ([]Standing, error) {
	wins := make([][]float64, len(names))
	for i := range wins {
		wins[i] = make([]float64, len(names))
	}
	out := make([]Standing, len(names))
	for _, g := range games {
		wins[g.A][g.B] += g.Score
		wins[g.B][g.A] += 1 - g.Score
		out[g.A].Games++
		out[g.B].Games++
		out[g.A].Score += g.Score
		out[g.B].Score += 1 - g.Score
	}
	ratings, err := stats.BradleyTerry(wins, level)
	if err != nil {
		return nil, err
	}
	const initial, step = 1000, 16
	elo, err := stats.Elo(games, len(names), initial, step)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Name, out[i].Rating, out[i].Elo = names[i], stats.EloScale(ratings[i]), elo[i]
		out[i].Score /= float64(out[i].Games)
	}
	slices.SortStableFunc(out, func(a, b Standing) int { return cmp.Compare(b.Rating.Value, a.Rating.Value) })
	return out, nil
}
