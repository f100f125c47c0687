package onnx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// SaveOptions says how [Save] lays out a model.
type SaveOptions struct {
	// ExternalAbove is the size in bytes from which an initializer is stored in
	// a second file, named as the model with ".data" added. 0 keeps everything
	// in the model's own file.
	ExternalAbove int
}

// Offsets in an external file: tensors of a page and more begin on a page, so
// that readers can map them; smaller ones on a cache line.
const (
	pageAlign = 4096
	lineAlign = 64
)

// Save writes the model to path, as one file or two. Each is written under
// another name in the same folder, synced, and renamed, the data first: a
// reader never sees half a file. Initializers that m has in external files come
// along, so that the result stands alone. m itself does not change.
func Save(path string, m *Model, opts SaveOptions) error {
	if m.Graph == nil {
		return fmt.Errorf("onnx: %s: model has no graph", path)
	}
	out, large, err := gather(m, opts.ExternalAbove)
	if err != nil {
		return fmt.Errorf("onnx: %s: %w", path, err)
	}
	dataPath := path + ".data"
	if len(large) > 0 {
		place(large, filepath.Base(dataPath))
	}
	// everything that can fail without touching the disk comes first
	encoded, err := out.Marshal()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(large) > 0 {
		if err := writeAtomic(dataPath, func(w io.Writer) error { return writeData(w, large) }); err != nil {
			return fmt.Errorf("onnx: %s: %w", dataPath, err)
		}
	}
	err = writeAtomic(path, func(w io.Writer) error {
		_, err := w.Write(encoded)
		return err
	})
	if err != nil {
		return fmt.Errorf("onnx: %s: %w", path, err)
	}
	return nil
}

// placed is a tensor that goes to the data file, and its bytes.
type placed struct {
	t    *Tensor
	data []byte
	at   int64
}

// gather copies m with all data in it, and lists the tensors of the copy that
// are to go to a data file. A limit of 0 sends none there.
func gather(m *Model, limit int) (*Model, []placed, error) {
	out := m.Clone()
	var large []placed
	var errs []error
	tensors(out, func(t *Tensor, initializer bool) {
		external := t.Location == 1
		if !external && (limit <= 0 || !initializer || t.DType == tensor.String || t.storedBytes() < limit) {
			return
		}
		raw, err := t.rawBytes()
		if err != nil {
			errs = append(errs, err)
			return
		}
		t.Floats, t.Int32s, t.Int64s, t.Doubles, t.Uint64s = nil, nil, nil, nil, nil
		t.External, t.Location = nil, 0
		t.Raw, t.HasRaw = raw, true
		if limit > 0 && initializer && len(t.Raw) >= limit {
			large = append(large, placed{t: t, data: t.Raw})
			t.Raw, t.HasRaw = nil, false
		}
	})
	return out, large, errors.Join(errs...)
}

// place decides where in the data file each tensor lies.
func place(large []placed, file string) {
	end := int64(0)
	for i := range large {
		p := &large[i]
		align := int64(lineAlign)
		if len(p.data) >= pageAlign {
			align = pageAlign
		}
		p.at = (end + align - 1) / align * align
		end = p.at + int64(len(p.data))
		p.t.Location = 1
		p.t.External = []StringPair{
			{Key: "location", Value: file},
			{Key: "offset", Value: strconv.FormatInt(p.at, 10)},
			{Key: "length", Value: strconv.Itoa(len(p.data))},
		}
	}
}

func writeData(w io.Writer, large []placed) error {
	var zeros [pageAlign]byte
	end := int64(0)
	for _, p := range large {
		if _, err := w.Write(zeros[:p.at-end]); err != nil {
			return err
		}
		if _, err := w.Write(p.data); err != nil {
			return err
		}
		end = p.at + int64(len(p.data))
	}
	return nil
}

// rawBytes is the tensor's data as raw data would hold it.
func (t *Tensor) rawBytes() ([]byte, error) {
	if t.HasRaw && t.Location == 0 {
		return t.Raw, nil // as it is: to align it would be a copy for nothing
	}
	v, err := t.Value()
	if err != nil {
		return nil, err
	}
	return v.Bytes(), nil
}

// storedBytes is about how many bytes the tensor's data takes as raw data.
func (t *Tensor) storedBytes() int {
	n := len(t.Raw) + 4*len(t.Floats) + 8*(len(t.Int64s)+len(t.Doubles))
	width := max(t.DType.Bits(), 8) / 8
	return n + width*(len(t.Int32s)+len(t.Uint64s))
}

// tensors calls visit for every dense tensor of the model: initializers of all
// graphs, parts of sparse ones, and constants in attributes.
func tensors(m *Model, visit func(t *Tensor, initializer bool)) {
	sparse := func(list ...*SparseTensor) {
		for _, s := range list {
			if s != nil {
				visitAll(visit, false, s.Values, s.Indices)
			}
		}
	}
	inits := func(g *Graph) {
		visitAll(visit, true, g.Initializers...)
		sparse(g.SparseInitializers...)
	}
	attribute := func(a *Attribute) {
		visitAll(visit, false, a.Tensor)
		visitAll(visit, false, a.Tensors...)
		sparse(a.SparseTensor)
		sparse(a.SparseTensors...)
	}
	node := func(n *Node) {
		for _, a := range n.Attributes {
			attribute(a)
		}
		for sub := range n.Subgraphs() {
			inits(sub)
		}
	}
	for _, g := range m.graphs() {
		inits(g)
		walkNodes(g.Nodes, node)
	}
	for _, f := range m.Functions {
		for _, a := range f.Defaults {
			attribute(a)
		}
		walkNodes(f.Nodes, node)
	}
}

func visitAll(visit func(*Tensor, bool), initializer bool, list ...*Tensor) {
	for _, t := range list {
		if t != nil {
			visit(t, initializer)
		}
	}
}

// graphs lists the model's outermost graphs.
func (m *Model) graphs() []*Graph {
	var list []*Graph
	add := func(g *Graph) {
		if g != nil {
			list = append(list, g)
		}
	}
	add(m.Graph)
	for _, t := range m.Training {
		add(t.Initialization)
		add(t.Algorithm)
	}
	return list
}

// writeAtomic writes a file under another name, syncs it and renames it.
func writeAtomic(path string, write func(io.Writer) error) (err error) {
	f, err := createBeside(path)
	if err != nil {
		return bare(err)
	}
	defer func() {
		if err != nil {
			_ = f.Close() // err is what counts
			_ = os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return bare(err)
	}
	if err := f.Sync(); err != nil {
		return bare(err)
	}
	if err := f.Close(); err != nil {
		return bare(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return bare(err)
	}
	syncDir(filepath.Dir(path))
	return nil
}

// createBeside makes a file with a name of its own in path's folder. Unlike
// [os.CreateTemp] it leaves the permissions to the process's mask.
func createBeside(path string) (*os.File, error) {
	for try := 0; ; try++ {
		name := fmt.Sprintf(".%s.%08x.tmp", filepath.Base(path), rand.Uint32())
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !errors.Is(err, fs.ErrExist) || try == 100 {
			return f, err
		}
	}
}

// syncDir makes a rename last where the system can: the file is in place
// already, so that what fails here is no failure.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	_ = d.Sync() // not every file system knows how
}
