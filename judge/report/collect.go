package report

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/protocol"
	"github.com/seed6700ada1/infer/judge/run"
)

// Limits of what a collector keeps of large runs.
const (
	maxCases  = 2000 // items in detail
	maxSlices = 200  // different values of metadata
)

// A Collector takes results and makes a report of them. Of an item it keeps a few
// numbers, and the first ones whole.
type Collector struct {
	suite  string
	panel  *protocol.Panel
	order  []groupKey
	groups map[groupKey]*tally
	cases  []Case
	left   int

	members []judge.Verdict // of the item and protocol under way, for the panel
	last    run.Job
}

type groupKey struct{ judge, protocol string }

// NewCollector returns a collector for the suite called name. A panel, which may be nil,
// is reported as one more judge.
func NewCollector(name string, panel *protocol.Panel) *Collector {
	return &Collector{suite: name, panel: panel, groups: map[groupKey]*tally{}}
}

// Add takes a result. Results of one item and protocol follow one another.
func (c *Collector) Add(r run.Result) {
	if c.panel != nil {
		if c.last.Item != nil && (c.last.Item != r.Job.Item || c.last.Protocol != r.Job.Protocol) {
			c.closePanel()
		}
		c.members, c.last = append(c.members, r.Verdict), r.Job
	}
	c.add(r.Job, r.Verdict, r.Exchanges)
}

// closePanel adds the panel's verdict on the item whose members are all there.
func (c *Collector) closePanel() {
	if len(c.members) > 0 {
		c.add(c.last, c.panel.Verdict(c.members), nil)
	}
	c.members = c.members[:0]
}

// add counts a verdict.
func (c *Collector) add(job run.Job, v judge.Verdict, asked []run.Exchange) {
	key := groupKey{v.Judge, v.Protocol}
	t, ok := c.groups[key]
	if !ok {
		t = &tally{kind: job.Protocol.Kind(), unscored: map[judge.Reason]int{}, slices: map[[2]string]*sliceTally{}, scores: map[string]*scoreTally{}, clusters: map[string]int{}}
		c.groups[key] = t
		c.order = append(c.order, key)
	}
	wrong := t.add(job.Item, &v)
	if len(c.cases) < maxCases {
		c.cases = append(c.cases, Case{v.Judge, v.Protocol, job.Item, v, wrong, asked})
	} else {
		c.left++
	}
}

// Report returns the report of what was added.
func (c *Collector) Report(status run.Status, gate Gate) Report {
	if c.panel != nil {
		c.closePanel()
	}
	r := Report{Suite: c.suite, Status: status, Cases: c.cases, Left: c.left}
	for _, key := range c.order {
		r.Groups = append(r.Groups, c.groups[key].group(key))
	}
	r.Gate = gate.Check(r.Groups)
	return r
}

// tally holds what is kept of the verdicts of a group.
type tally struct {
	kind              judge.Kind
	n, scored         int
	repairs, repaired int
	unscored          map[judge.Reason]int

	outcomes []float64 // of the first candidate: 1, ½, 0, or its total score, or 1 where it is ranked first
	cluster  []int     // of each outcome, where grouped
	clusters map[string]int
	grouped  bool // some item has a cluster

	deltas                      []float64 // pairwise: length of the first candidate minus the second
	orders, firstLed, secondLed int       // pairwise: pairs read in both orders, and flips
	right                       []float64 // of labelled items: 1 or 0
	rightCluster                []int     //
	judged, human               []float64 // scores of the judge and of people, of the same candidates
	slices                      map[[2]string]*sliceTally
	scores                      map[string]*scoreTally // by criterion
}

type sliceTally struct {
	n, labelled int
	sum, right  float64
}

type scoreTally struct{ values []float32 }

// add counts a verdict, and says whether it is another one than the item's label.
func (t *tally) add(it *judge.Item, v *judge.Verdict) (wrong bool) {
	t.n++
	t.repairs += v.Repairs
	t.repaired += v.Repaired
	t.addScores(it, v)
	if reason := v.Reason(); reason != "" {
		t.unscored[reason]++
		return false
	}
	t.scored++
	outcome := outcomeOf(v)
	cluster := t.clusterOf(it)
	t.outcomes = append(t.outcomes, outcome)
	if t.grouped {
		t.cluster = append(t.cluster, cluster)
	}
	if v.Choice != nil {
		t.deltas = append(t.deltas, float64(utf8.RuneCountInString(it.Candidates[0].Text)-utf8.RuneCountInString(it.Candidates[1].Text)))
		t.addOrders(v)
	}
	labelled, right := correct(it, v)
	if labelled {
		t.right = append(t.right, right)
		if t.grouped {
			t.rightCluster = append(t.rightCluster, cluster)
		}
	}
	for key, value := range it.Metadata {
		t.addSlice([2]string{key, value}, outcome, labelled, right)
	}
	return labelled && right == 0
}

// outcomeOf returns the number that stands for a verdict that is scored.
func outcomeOf(v *judge.Verdict) float64 {
	switch {
	case v.Choice != nil:
		c, _ := v.Choice.Value()
		return value(c)
	case v.Ranking != nil:
		if order, _ := v.Ranking.Value(); order[0] == 0 {
			return 1
		}
		return 0
	}
	total, _ := v.Totals[0].Value()
	return total
}

// value returns what an outcome is worth to the first candidate.
func value(c judge.Choice) float64 {
	switch c {
	case judge.First:
		return 1
	case judge.Second:
		return 0
	default:
		return 0.5
	}
}

// correct says whether an item has a label, and how right the verdict is. Scores of two
// candidates are compared with a label as a choice would be.
func correct(it *judge.Item, v *judge.Verdict) (labelled bool, right float64) {
	if it.Label == nil {
		return false, 0
	}
	var choice judge.Choice
	switch {
	case v.Choice != nil:
		choice, _ = v.Choice.Value()
	case len(v.Totals) == 2:
		a, _ := v.Totals[0].Value()
		b, _ := v.Totals[1].Value()
		choice = map[int]judge.Choice{1: judge.First, -1: judge.Second, 0: judge.Tie}[cmp.Compare(a, b)]
	case v.Ranking != nil:
		order, _ := v.Ranking.Value()
		choice = []judge.Choice{judge.First, judge.Second}[order[0]]
	}
	if choice == *it.Label {
		return true, 1
	}
	return true, 0
}

// clusterOf returns the number of an item's cluster.
func (t *tally) clusterOf(it *judge.Item) int {
	if it.Cluster == "" {
		return -t.n // its own
	}
	if !t.grouped {
		t.grouped = true
		t.cluster, t.rightCluster = alone(len(t.outcomes)), alone(len(t.right))
	}
	n, ok := t.clusters[it.Cluster]
	if !ok {
		n = len(t.clusters) + 1
		t.clusters[it.Cluster] = n
	}
	return n
}

// alone returns clusters of one for n items.
func alone(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = -1 - i
	}
	return out
}

// addOrders counts the outcomes of both orders, where both were read.
func (t *tally) addOrders(v *judge.Verdict) {
	if len(v.Orders) != 2 {
		return
	}
	a, aok := v.Orders[0].Value()
	b, bok := v.Orders[1].Value()
	if !aok || !bok {
		return
	}
	t.orders++
	switch {
	case value(a) > value(b): // the first candidate did better where it was shown first
		t.firstLed++
	case value(a) < value(b):
		t.secondLed++
	}
}

// addScores counts the scores of all candidates, those too of verdicts that are not
// scored as a whole.
func (t *tally) addScores(it *judge.Item, v *judge.Verdict) {
	for i, scores := range v.Scores {
		for name, r := range scores {
			s, ok := r.Value()
			if !ok {
				continue
			}
			tally, have := t.scores[name]
			if !have {
				tally = &scoreTally{}
				t.scores[name] = tally
			}
			tally.values = append(tally.values, float32(s))
		}
		if total, ok := v.Totals[i].Value(); ok && i < len(it.Human) && !math.IsNaN(it.Human[i]) {
			t.judged, t.human = append(t.judged, total), append(t.human, it.Human[i])
		}
	}
}

func (t *tally) addSlice(key [2]string, outcome float64, labelled bool, right float64) {
	s, ok := t.slices[key]
	if !ok {
		if len(t.slices) >= maxSlices {
			return // a field with a value of its own for every item is no slice
		}
		s = &sliceTally{}
		t.slices[key] = s
	}
	s.n++
	s.sum += outcome
	if labelled {
		s.labelled++
		s.right += right
	}
}

// sliceList returns the figures of slices that more than one item has, sorted.
func (t *tally) sliceList() []Slice {
	var out []Slice
	for _, key := range slices.SortedFunc(maps.Keys(t.slices), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		s := t.slices[key]
		slice := Slice{Key: key[0], Value: key[1], N: s.n, Mean: s.sum / float64(s.n), Labelled: s.labelled}
		if s.labelled > 0 {
			slice.Accuracy = s.right / float64(s.labelled)
		}
		out = append(out, slice)
	}
	return out
}
