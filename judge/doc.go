// Package judge evaluates what language models write, with judges whose verdicts
// can be trusted, resumed and compared.
//
// Judging is pure functions around a journal:
//
//	item × protocol × judge → calls → journal → verdicts → statistics → report
//
// An [Item] is what is judged: an input, its candidates, perhaps a reference and a
// human label. A protocol (package protocol) says which [Request]s an item needs,
// given the [Answer]s that are there, and reads a [Verdict] from them. A [Judge]
// answers requests: an endpoint, a local model, a person, a Go function, a recording
// (package judges). Package run asks what the journal does not hold yet. Everything
// before and after it computes the same from the same input, so that a run can be
// replayed, re-read with another parser, and reported again without one request.
//
// An answer that cannot be read is unscored, with a reason. It is counted, and never
// becomes a number: see [Reading].
package judge
