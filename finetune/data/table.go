package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Open reads a set: a .csv, .tsv or .jsonl file, or a folder in which each folder
// is a class of pictures.
func Open(path string, o Options) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if info.IsDir() {
		return Folder(path, o)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	s := &Set{File: path}
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		err = s.table(f, ',', o)
	case ".tsv":
		err = s.table(f, '\t', o)
	case ".jsonl", ".ndjson":
		err = s.lines(f, o)
	default:
		return nil, fmt.Errorf("data: %s: a file of type %q, expected .csv, .tsv, .jsonl or a folder", path, ext)
	}
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", path, err)
	}
	if o.Images {
		for i := range s.Examples {
			if e := &s.Examples[i]; !filepath.IsAbs(e.Text) {
				e.Text = filepath.Join(filepath.Dir(path), filepath.FromSlash(e.Text))
			}
		}
	}
	return s, nil
}

// The usual names of columns.
var (
	textNames  = []string{"text", "sentence", "content", "utterance", "query", "file", "path", "image"}
	labelNames = []string{"label", "category", "class", "intent", "target"}
)

// columns says where text and label stand.
type columns struct{ text, label int }

// header finds the columns in the first row; ok is false where that row is an
// example already.
func header(row []string, o Options) (c columns, ok bool, err error) {
	find := func(name string, usual []string) int {
		if name != "" {
			return slices.Index(row, name)
		}
		return slices.IndexFunc(row, func(h string) bool { return slices.Contains(usual, strings.ToLower(strings.TrimSpace(h))) })
	}
	c = columns{find(o.Text, textNames), find(o.Label, labelNames)}
	switch {
	case o.Text != "" && c.text < 0:
		return c, false, fmt.Errorf("there is no column %q: the columns are %q", o.Text, row)
	case o.Label != "" && c.label < 0:
		return c, false, fmt.Errorf("there is no column %q: the columns are %q", o.Label, row)
	case c.text >= 0 && c.label >= 0 && c.text != c.label:
		return c, true, nil
	case len(row) < 2:
		return c, false, fmt.Errorf("one column, expected a text and a label")
	}
	return columns{0, len(row) - 1}, false, nil
}

// table reads rows of fields. Tabs separate plainly, without quotes.
func (s *Set) table(r io.Reader, comma rune, o Options) error {
	next := plain(r)
	if comma == ',' {
		next = quoted(r)
	}
	var c columns
	for first := true; ; first = false {
		row, line, err := next()
		if errors.Is(err, io.EOF) {
			if first {
				return errEmpty
			}
			return nil
		}
		if err != nil {
			var parse *csv.ParseError
			if !errors.As(err, &parse) {
				return err
			}
			if err := s.bad(o, parse.Line, "%v", parse.Err); err != nil {
				return err
			}
			continue
		}
		if first {
			row[0] = strings.TrimPrefix(row[0], "\ufeff")
			columns, named, err := header(row, o)
			if err != nil {
				return err
			}
			if c = columns; named {
				continue
			}
		}
		if err := s.row(row, c, line, o); err != nil {
			return err
		}
	}
}

func (s *Set) row(row []string, c columns, line int, o Options) error {
	if most := max(c.text, c.label); len(row) <= most {
		return s.bad(o, line, "%d columns, expected at least %d", len(row), most+1)
	}
	return s.add(row[c.text], row[c.label], line, o)
}

// add takes an example that is whole.
func (s *Set) add(text, label string, line int, o Options) error {
	label = strings.TrimSpace(label)
	switch {
	case strings.TrimSpace(text) == "":
		return s.bad(o, line, "no text")
	case label == "":
		return s.bad(o, line, "no label")
	case !utf8.ValidString(text):
		return s.bad(o, line, "the text is not UTF-8")
	}
	s.Examples = append(s.Examples, Example{Text: text, Label: label, Line: line})
	return nil
}

// quoted reads comma-separated rows.
func quoted(r io.Reader) func() ([]string, int, error) {
	c := csv.NewReader(bufio.NewReader(r))
	c.FieldsPerRecord = -1
	c.LazyQuotes = true
	return func() ([]string, int, error) {
		row, err := c.Read()
		if err != nil {
			return nil, 0, err
		}
		line, _ := c.FieldPos(0)
		return row, line, nil
	}
}

// mostLine bounds a line of a file.
const mostLine = 16 << 20

// plain reads tab-separated rows.
func plain(r io.Reader) func() ([]string, int, error) {
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 0, 1<<16), mostLine)
	line := 0
	return func() ([]string, int, error) {
		for scan.Scan() {
			line++
			if text := strings.TrimSuffix(scan.Text(), "\r"); text != "" {
				return strings.Split(text, "\t"), line, nil
			}
		}
		if err := scan.Err(); err != nil {
			return nil, 0, err
		}
		return nil, 0, io.EOF
	}
}

// lines reads one JSON object a line.
func (s *Set) lines(r io.Reader, o Options) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 0, 1<<16), mostLine)
	for line := 1; scan.Scan(); line++ {
		if len(bytes.TrimSpace(scan.Bytes())) == 0 {
			continue
		}
		var object map[string]any
		if err := json.Unmarshal(scan.Bytes(), &object); err != nil {
			if err := s.bad(o, line, "%v", err); err != nil {
				return err
			}
			continue
		}
		if err := s.add(field(object, o.Text, textNames), field(object, o.Label, labelNames), line, o); err != nil {
			return err
		}
	}
	return scan.Err()
}

// field is the first of the usual fields that an object has, as text.
func field(object map[string]any, name string, usual []string) string {
	if name != "" {
		usual = []string{name}
	}
	for _, key := range usual {
		switch v := object[key].(type) {
		case string:
			return v
		case float64:
			return strconv.FormatFloat(v, 'g', -1, 64)
		case bool:
			return strconv.FormatBool(v)
		}
	}
	return ""
}

// pictures are the endings of files that [Folder] takes.
var pictures = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// Folder reads pictures: each folder in dir is a class of its name. Without
// folders, labels are looked for in a labels.csv in dir or above it.
func Folder(dir string, o Options) (*Set, error) {
	s := &Set{File: dir}
	classes, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	for _, class := range classes {
		if !class.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, class.Name()))
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		for _, f := range files {
			if slices.Contains(pictures, strings.ToLower(filepath.Ext(f.Name()))) {
				s.Examples = append(s.Examples, Example{Text: filepath.Join(dir, class.Name(), f.Name()), Label: class.Name()})
			}
		}
	}
	if len(s.Examples) == 0 {
		return labelled(dir, o)
	}
	return s, nil
}

// labelled reads a folder of pictures whose labels stand in a labels.csv in it or
// above it: the rows of the files that lie in the folder.
func labelled(dir string, o Options) (*Set, error) {
	for _, at := range []string{dir, filepath.Dir(filepath.Clean(dir))} {
		path := filepath.Join(at, "labels.csv")
		if _, err := os.Stat(path); err != nil {
			continue
		}
		o.Images = true
		s, err := Open(path, o)
		if err != nil {
			return nil, err
		}
		s.Examples = slices.DeleteFunc(s.Examples, func(e Example) bool {
			inside, err := filepath.Rel(dir, e.Text)
			return err != nil || !filepath.IsLocal(inside)
		})
		s.File = dir
		return s, nil
	}
	return nil, fmt.Errorf("data: %s has no folders, each a class, and there is no labels.csv in it or above it", dir)
}
