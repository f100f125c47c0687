// Package lines reads texts and writes records for commands that take many of both:
// texts from arguments, from files and standard input, a line each or a JSON object
// each; records as JSON lines, to standard output or to a file that a later run can go
// on with.
package lines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// mostLine bounds in bytes what a line may be.
const mostLine = 256 << 20

// Source says where texts come from. The first that is set counts.
type Source struct {
	Args  []string  // the texts themselves
	File  string    // a text a line; "-" is In
	JSONL bool      // the lines, of File or else of In, are objects with a field Field
	Field string    // "" is "text"
	In    io.Reader // standard input
}

// Texts yields the texts in order. It stops after the first error.
func (s *Source) Texts() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if len(s.Args) > 0 {
			for _, text := range s.Args {
				if !yield(text, nil) {
					return
				}
			}
			return
		}
		if err := s.lines(yield); err != nil {
			yield("", err)
		}
	}
}

func (s *Source) lines(yield func(string, error) bool) error {
	in, name := s.In, "standard input"
	if s.File != "" && s.File != "-" {
		f, err := os.Open(s.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in, name = f, s.File
	}
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 1<<16), mostLine)
	for number := 1; scanner.Scan(); number++ {
		line := scanner.Bytes()
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		text := string(line)
		if s.JSONL {
			var err error
			if text, err = s.field(line); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, number, err)
			}
		}
		if !yield(text, nil) {
			return nil
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (s *Source) field(line []byte) (string, error) {
	name := s.Field
	if name == "" {
		name = "text"
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		return "", fmt.Errorf("want an object {%q: ...}: %w", name, err)
	}
	var text *string
	if err := json.Unmarshal(object[name], &text); object[name] == nil || err != nil || text == nil {
		return "", fmt.Errorf("want an object {%q: ...}: it has no text of that name", name)
	}
	return *text, nil
}

// Chunks groups texts: n at a time, the last fewer. It stops after the first error, and
// yields the texts before it first.
func Chunks(texts iter.Seq2[string, error], n int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		var chunk []string
		for text, err := range texts {
			if err != nil {
				if len(chunk) == 0 || yield(chunk, nil) {
					yield(nil, err)
				}
				return
			}
			if chunk = append(chunk, text); len(chunk) == n {
				if !yield(chunk, nil) {
					return
				}
				chunk = nil
			}
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}

// Sink takes records, a JSON object a line.
type Sink struct {
	w    *bufio.Writer
	file *os.File // nil where the records go to a stream
	path string
	have []string // the texts of the records that were there
}

// NewSink writes to out.
func NewSink(out io.Writer) *Sink { return &Sink{w: bufio.NewWriter(out)} }

// OpenSink writes to the file at path. With resume the records that are there stay, and
// new ones follow; a last line that was not finished is dropped. field names what the
// records hold the text in.
func OpenSink(path string, resume bool, field string) (*Sink, error) {
	flags := os.O_RDWR | os.O_CREATE | os.O_TRUNC
	if resume {
		flags = os.O_RDWR | os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return nil, err
	}
	s := &Sink{file: f, path: path}
	if resume {
		if err := s.recover(field); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	s.w = bufio.NewWriter(f)
	return s, nil
}

// recover reads the records that are there and goes to the end of the last whole one.
func (s *Sink) recover(field string) error {
	in := bufio.NewReader(s.file)
	end := int64(0)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		text, err := (&Source{Field: field}).field(line)
		if err != nil {
			return fmt.Errorf("%s, line %d: cannot be resumed: %w", s.path, number, err)
		}
		s.have = append(s.have, text)
		end += int64(len(line))
	}
	if err := s.file.Truncate(end); err != nil {
		return err
	}
	_, err := s.file.Seek(end, io.SeekStart)
	return err
}

// Rest leaves out the texts that have a record already.
func (s *Sink) Rest(texts iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		i := 0
		for text, err := range texts {
			if err == nil && i < len(s.have) {
				if s.have[i] != text {
					yield("", fmt.Errorf("%s, line %d: cannot be resumed: it is of another text than input %d", s.path, i+1, i+1))
					return
				}
				i++
				continue
			}
			if !yield(text, err) {
				return
			}
		}
	}
}

// Done is the number of records that were there before.
func (s *Sink) Done() int { return len(s.have) }

// Write adds a record.
func (s *Sink) Write(record any) error {
	enc := json.NewEncoder(s.w)
	enc.SetEscapeHTML(false)
	return enc.Encode(record)
}

// Flush makes sure that what was written is there, even after a crash where it is a file.
func (s *Sink) Flush() error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	if s.file == nil {
		return nil
	}
	return s.file.Sync()
}

// Close flushes and ends the file.
func (s *Sink) Close() error {
	err := s.Flush()
	if s.file == nil {
		return err
	}
	return errors.Join(err, s.file.Close())
}

// Print writes one record.
func Print(out io.Writer, record any) error {
	s := NewSink(out)
	return errors.Join(s.Write(record), s.Close())
}

// All reads a whole text.
func All(in io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(in, mostText+1))
	if err == nil && len(data) > mostText {
		err = fmt.Errorf("standard input has more than %d bytes", mostText)
	}
	return string(data), err
}

// mostText bounds in bytes what standard input may hold.
const mostText = 1 << 30
