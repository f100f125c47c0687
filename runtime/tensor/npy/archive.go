package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Entry is one array of an archive. Name comes from the archive without its
// ending ".npy": it may be any text, so that it must not become a path
// unchecked.
type Entry struct {
	Name   string
	Tensor *tensor.Tensor
}

// What arrays of an archive may take, where the caller sets no limit: so much
// for each byte of the archive, and so much in any case.
const (
	archiveRatio = 100
	archiveFloor = 256 << 20
)

// ReadArchive reads all arrays of a .npz archive of size bytes, in the order of
// the archive. They may take at most limit bytes of memory together; where
// limit is 0 or less, 100 times the size of the archive, or 256 MiB if that is
// more.
func ReadArchive(r io.ReaderAt, size, limit int64) ([]Entry, error) {
	if limit <= 0 {
		limit = max(archiveFloor, archiveRatio*min(size, 1<<50))
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("npy: archive: %w", err)
	}
	left := &budget{limit}
	var entries []Entry
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		t, err := readEntry(f, left)
		if err != nil {
			return nil, fmt.Errorf("npy: archive: %q: %w", f.Name, err)
		}
		entries = append(entries, Entry{Name: strings.TrimSuffix(f.Name, ".npy"), Tensor: t})
	}
	return entries, nil
}

func readEntry(f *zip.File, left *budget) (*tensor.Tensor, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	t, err := read(r, tensor.Undefined, left)
	if err != nil {
		return nil, err
	}
	// the checksum is compared at the end, where nothing may follow
	var one [1]byte
	if n, err := io.ReadFull(r, one[:]); n > 0 {
		return nil, fmt.Errorf("more data follows the array")
	} else if err != io.EOF {
		return nil, err
	}
	return t, nil
}

// WriteArchive writes a .npz archive, deflated where compress is set. Names
// must be there and differ.
func WriteArchive(w io.Writer, entries []Entry, compress bool) error {
	z := zip.NewWriter(w)
	method := zip.Store
	if compress {
		method = zip.Deflate
	}
	seen := make(map[string]bool, len(entries))
	for i, e := range entries {
		if e.Name == "" || seen[e.Name] {
			return fmt.Errorf("npy: archive: array %d is named %q, wanted a name of its own", i, e.Name)
		}
		seen[e.Name] = true
		f, err := z.CreateHeader(&zip.FileHeader{Name: e.Name + ".npy", Method: method})
		if err != nil {
			return fmt.Errorf("npy: archive: %q: %w", e.Name, err)
		}
		if err := write(f, e.Tensor); err != nil {
			return fmt.Errorf("npy: archive: %q: %w", e.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("npy: archive: %w", err)
	}
	return nil
}
