package jpeg2000

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// signature is the first box of a JP2 file (T.800 I.5.1).
const signature = "\x00\x00\x00\x0cjP  \r\n\x87\n"

// file is what is wanted of a JP2 file.
type file struct {
	codestream []byte
	ycc        bool // the colour space is sYCC
}

// openFile finds the codestream in a file, which may be nothing but the codestream.
func openFile(data []byte) (*file, error) {
	f := &file{}
	if len(data) < len(signature) || string(data[:len(signature)]) != signature {
		f.codestream = data
		return f, nil
	}
	if err := f.readBoxes(data, 0); err != nil {
		return nil, err
	}
	if f.codestream == nil {
		return nil, errors.New("the file has no codestream (box jp2c)")
	}
	return f, nil
}

// readBoxes reads a row of boxes (T.800 I.4), up to the first codestream.
func (f *file) readBoxes(data []byte, depth int) error {
	for len(data) > 0 && f.codestream == nil {
		if len(data) < 8 {
			return fmt.Errorf("a box of %d bytes, want at least 8", len(data))
		}
		size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		switch {
		case size == 0: // up to the end
			size = uint64(len(data))
		case size == 1 && len(data) >= 16:
			size, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		if size < head || size > uint64(len(data)) {
			return fmt.Errorf("box %q claims %d bytes of the %d that follow", data[4:8], size, len(data))
		}
		if err := f.readBox(string(data[4:8]), data[head:size], depth); err != nil {
			return err
		}
		data = data[size:]
	}
	return nil
}

func (f *file) readBox(kind string, body []byte, depth int) error {
	switch kind {
	case "jp2h":
		if depth == 0 {
			return f.readBoxes(body, 1)
		}
	case "pclr":
		return fmt.Errorf("a palette: %w", ErrUnsupported)
	case "colr": // method 1: the number of a colour space
		if len(body) >= 7 && body[0] == 1 {
			f.ycc = binary.BigEndian.Uint32(body[3:]) == 18
		}
	case "jp2c":
		f.codestream = body
	}
	return nil
}
