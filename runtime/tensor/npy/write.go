package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Write writes t as one array. Strings take the width of the longest, as
// Unicode where all are valid UTF-8, else as bytes; NumPy drops NULs at their
// end, so that strings which have such are refused.
func Write(w io.Writer, t *tensor.Tensor) error {
	if err := write(w, t); err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	return nil
}

func write(w io.Writer, t *tensor.Tensor) error {
	if t == nil {
		return fmt.Errorf("no tensor to write")
	}
	if t.DType() == tensor.String {
		return writeStrings(w, t)
	}
	descr, err := descrOf(t.DType())
	if err != nil {
		return err
	}
	if _, err := w.Write(appendHeader(nil, descr, t.Shape())); err != nil {
		return err
	}
	data := t.Bytes()
	if t.DType().Packed() {
		values, err := tensor.Unpack(t)
		if err != nil {
			return err
		}
		data = make([]byte, len(values))
		for i, v := range values {
			data[i] = byte(v)
		}
	}
	_, err = w.Write(data)
	return err
}

// maxPadding is how much larger padding may make strings: one long string among
// many short ones would fill a disk.
const maxPadding = 1 << 30

func writeStrings(w io.Writer, t *tensor.Tensor) error {
	strs, err := tensor.Data[string](t)
	if err != nil {
		return err
	}
	unicode, width := true, 1
	for _, s := range strs {
		if strings.HasSuffix(s, "\x00") {
			return fmt.Errorf("string %q ends with NUL, which the format cannot hold", s)
		}
		unicode = unicode && utf8.ValidString(s)
	}
	for _, s := range strs {
		if unicode {
			width = max(width, utf8.RuneCountInString(s))
		} else {
			width = max(width, len(s))
		}
	}
	descr, cell := "|S"+strconv.Itoa(width), width
	if unicode {
		descr, cell = "<U"+strconv.Itoa(width), 4*width
	}
	if cell > maxWidth || len(strs) > 0 && cell > maxPadding/len(strs) {
		return fmt.Errorf("%d strings padded to %d bytes each are too large to write", len(strs), cell)
	}
	if _, err := w.Write(appendHeader(nil, descr, t.Shape())); err != nil {
		return err
	}
	buf := make([]byte, 0, cell)
	for _, s := range strs {
		buf = buf[:0]
		if unicode {
			for _, r := range s {
				buf = binary.LittleEndian.AppendUint32(buf, uint32(r))
			}
		} else {
			buf = append(buf, s...)
		}
		pad := len(buf)
		buf = buf[:cell]
		clear(buf[pad:])
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
