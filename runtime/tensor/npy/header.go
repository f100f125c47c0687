package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

const magic = "\x93NUMPY"

// maxHeader is the largest header that is read. A shape of the most dimensions
// that tensors have stays far below.
const maxHeader = 1 << 14

// header is what stands before the elements.
type header struct {
	descr   string
	fortran bool // column-major order
	shape   []int
}

// readHeader reads magic, version and the dictionary.
func readHeader(r io.Reader) (*header, error) {
	var start [len(magic) + 2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, fmt.Errorf("wanted a .npy header, found %w", short(err))
	}
	if string(start[:len(magic)]) != magic {
		return nil, fmt.Errorf("not a .npy array: begins with %q", start[:len(magic)])
	}
	var size int
	switch major := start[len(magic)]; major {
	case 1:
		var n [2]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return nil, fmt.Errorf("header: %w", short(err))
		}
		size = int(binary.LittleEndian.Uint16(n[:]))
	case 2, 3:
		var n [4]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return nil, fmt.Errorf("header: %w", short(err))
		}
		size = int(min(binary.LittleEndian.Uint32(n[:]), maxHeader+1))
	default:
		return nil, fmt.Errorf("format version %d.%d, wanted 1, 2 or 3", major, start[len(magic)+1])
	}
	if size > maxHeader {
		return nil, fmt.Errorf("header of more than %d bytes", maxHeader)
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("header: %w", short(err))
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return h, nil
}

// short words the end of a file that came too early.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the end of the data")
	}
	return err
}

// scanner reads the Python dictionary of a header.
type scanner struct {
	text string
	at   int
}

// parseHeader reads the three entries that a header must have, in any order.
func parseHeader(text string) (*header, error) {
	s := &scanner{text: text}
	h := new(header)
	seen := make(map[string]bool)
	if err := s.expect("{"); err != nil {
		return nil, err
	}
	for !s.accept("}") {
		key, err := s.str()
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, fmt.Errorf("%q is given twice", key)
		}
		seen[key] = true
		if err := s.expect(":"); err != nil {
			return nil, err
		}
		switch key {
		case "descr":
			h.descr, err = s.str()
		case "fortran_order":
			h.fortran, err = s.boolean()
		case "shape":
			h.shape, err = s.tuple()
		default:
			err = fmt.Errorf("unknown entry %q", key)
		}
		if err != nil {
			return nil, err
		}
		if !s.accept(",") {
			if err := s.expect("}"); err != nil {
				return nil, err
			}
			break
		}
	}
	if s.skip(); s.at != len(s.text) {
		return nil, s.wanted("the end")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return nil, fmt.Errorf("lacks %q", key)
		}
	}
	return h, nil
}

func (s *scanner) skip() {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.at]) >= 0 {
		s.at++
	}
}

func (s *scanner) accept(token string) bool {
	s.skip()
	if !strings.HasPrefix(s.text[s.at:], token) {
		return false
	}
	s.at += len(token)
	return true
}

func (s *scanner) expect(token string) error {
	if !s.accept(token) {
		return s.wanted(strconv.Quote(token))
	}
	return nil
}

func (s *scanner) wanted(what string) error {
	rest := s.text[s.at:]
	return fmt.Errorf("at byte %d: wanted %s, found %q", s.at, what, rest[:min(len(rest), 16)])
}

// str reads a string in either kind of quotes; dtypes and keys need no escapes.
func (s *scanner) str() (string, error) {
	for _, quote := range []string{"'", `"`} {
		if !s.accept(quote) {
			continue
		}
		n := strings.Index(s.text[s.at:], quote)
		if n < 0 {
			return "", s.wanted("a closing quote")
		}
		v := s.text[s.at : s.at+n]
		s.at += n + 1
		return v, nil
	}
	if s.accept("[") {
		return "", errors.New("arrays with fields (structured dtypes) are not supported")
	}
	return "", s.wanted("a string")
}

func (s *scanner) boolean() (bool, error) {
	switch {
	case s.accept("True"):
		return true, nil
	case s.accept("False"):
		return false, nil
	}
	return false, s.wanted("True or False")
}

// tuple reads a shape such as "()", "(3,)" or "(3, 4)".
func (s *scanner) tuple() ([]int, error) {
	if err := s.expect("("); err != nil {
		return nil, err
	}
	var shape []int
	for !s.accept(")") {
		s.skip()
		start := s.at
		for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
			s.at++
		}
		n, err := strconv.ParseUint(s.text[start:s.at], 10, 63)
		if err != nil || n != uint64(int(n)) {
			s.at = start
			return nil, s.wanted("a dimension")
		}
		s.accept("L") // Python 2 wrote long integers so
		if shape = append(shape, int(n)); len(shape) > tensor.MaxRank {
			return nil, fmt.Errorf("more than %d dimensions", tensor.MaxRank)
		}
		if !s.accept(",") {
			return shape, s.expect(")")
		}
	}
	return shape, nil
}

// appendHeader writes everything before the elements. NumPy wants them to begin
// at a multiple of 64 bytes.
func appendHeader(b []byte, descr string, shape []int) []byte {
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = strconv.Itoa(d)
	}
	tuple := strings.Join(dims, ", ")
	if len(shape) == 1 {
		tuple += "," // which makes it a tuple
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	b = append(b, magic...)
	b = append(b, 1, 0)
	size := len(text) + 1
	size += -(len(magic) + 4 + size) & 63
	b = binary.LittleEndian.AppendUint16(b, uint16(size)) // at most 64 dimensions of 20 characters
	b = append(b, text...)
	for range size - len(text) - 1 {
		b = append(b, ' ')
	}
	return append(b, '\n')
}
