// Package data reads labelled examples: tables (CSV, TSV, JSONL) and folders of
// pictures.
//
// Files come from people: a row that cannot be used is reported by its line, and
// skipped or fatal by choice; an empty set and a set of one class are errors
// before anything is trained.
package data

import (
	"errors"
	"fmt"
	"slices"
)

// Example is one labelled text or picture.
type Example struct {
	Text  string // the text, or the path of the picture
	Label string
	Line  int // in its file, from 1; 0 where it has none
}

// BadRow is a row that could not be used.
type BadRow struct {
	File   string
	Line   int
	Reason string
}

func (r BadRow) Error() string { return fmt.Sprintf("data: %s: line %d: %s", r.File, r.Line, r.Reason) }

// Set is a list of examples.
type Set struct {
	File     string
	Examples []Example
	Bad      []BadRow // rows left out
}

// Options say how a file is read.
type Options struct {
	// Text and Label name the columns; "" takes the usual names, or else the first
	// and the last column.
	Text, Label string
	// Strict makes the first row that cannot be used an error.
	Strict bool
	// Images says that the texts are paths of pictures, relative to the file.
	Images bool
}

// Labels lists the labels of a set, sorted.
func (s *Set) Labels() []string {
	var list []string
	seen := map[string]bool{}
	for _, e := range s.Examples {
		if !seen[e.Label] {
			seen[e.Label] = true
			list = append(list, e.Label)
		}
	}
	slices.Sort(list)
	return list
}

// Check fails where nothing can be learnt from the set.
func (s *Set) Check() error {
	if len(s.Examples) == 0 {
		err := fmt.Errorf("data: %s has no examples", s.File)
		if len(s.Bad) > 0 {
			err = fmt.Errorf("%w that can be used: %d rows were left out, the first: %w", err, len(s.Bad), s.Bad[0])
		}
		return err
	}
	if labels := s.Labels(); len(labels) == 1 {
		return fmt.Errorf("data: %s has one class only, %q: there is nothing to tell apart", s.File, labels[0])
	}
	return nil
}

// Indices gives each example the number of its label. Labels that are not in the
// list are an error: a test set may not have a class that was never learnt.
func (s *Set) Indices(labels []string) ([]int64, error) {
	number := make(map[string]int64, len(labels))
	for i, l := range labels {
		number[l] = int64(i)
	}
	list := make([]int64, len(s.Examples))
	for i, e := range s.Examples {
		n, ok := number[e.Label]
		if !ok {
			return nil, fmt.Errorf("data: %s: line %d: label %q is none of the %d that the model is trained on", s.File, e.Line, e.Label, len(labels))
		}
		list[i] = n
	}
	return list, nil
}

// bad notes a row that cannot be used, or fails.
func (s *Set) bad(o Options, line int, format string, args ...any) error {
	row := BadRow{File: s.File, Line: line, Reason: fmt.Sprintf(format, args...)}
	if o.Strict {
		return row
	}
	s.Bad = append(s.Bad, row)
	return nil
}

// errEmpty is the error of a file without a first line.
var errEmpty = errors.New("the file is empty")
