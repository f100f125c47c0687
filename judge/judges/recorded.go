package judges

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/seed6700ada1/infer/judge"
)

// A Recording is a line of a file of recorded answers.
type Recording struct {
	Item   string `json:"item"`
	Step   string `json:"step"` // as the protocol calls it: "ab", "ba", "c1", …
	Sample int    `json:"sample,omitempty"`
	judge.Answer
}

// Recorded is a judge that answers from a file with a [Recording] a line, found by item,
// step and sample. Of the file only the places of answers are in memory.
type Recorded struct {
	id, digest string
	file       *os.File
	places     map[uint64]span
}

type span struct {
	offset int64
	length int32
}

// OpenRecorded opens the file of answers at path as the judge called id.
func OpenRecorded(id, path string) (*Recorded, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("judges: %w", err)
	}
	r := &Recorded{id: id, file: file, places: map[uint64]span{}}
	if err := r.index(); err != nil {
		return nil, errors.Join(fmt.Errorf("judges: %s: %w", path, err), file.Close())
	}
	return r, nil
}

// index reads the file once. Where it has two answers for one question, the first counts.
func (r *Recorded) index() error {
	h := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(r.file, h), 1<<20)
	var offset int64
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var rec Recording
			if err := json.Unmarshal(line, &rec); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			key := slotKey(rec.Item, rec.Step, rec.Sample)
			if _, ok := r.places[key]; !ok {
				r.places[key] = span{offset, int32(len(line))}
			}
		}
		offset += int64(len(line))
		if errors.Is(err, io.EOF) {
			r.digest = fmt.Sprintf("%x", h.Sum(nil)[:8])
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// slotKey names a question in little memory. That two questions of a file have one name
// is unlikely, and found when the answer is read.
func slotKey(item, step string, sample int) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s|%d:%s|%d", len(item), item, len(step), step, sample))
	return binary.LittleEndian.Uint64(sum[:])
}

// Name returns the name.
func (r *Recorded) Name() string { return r.id }

// Identity returns a hash of the file.
func (r *Recorded) Identity() string { return "recorded " + r.digest }

// Ask returns the recorded answer.
func (r *Recorded) Ask(_ context.Context, req *judge.Request) (judge.Answer, error) {
	at, ok := r.places[slotKey(req.Item, req.Step, req.Sample)]
	if !ok {
		return judge.Answer{}, fmt.Errorf("judge %s: no answer is recorded for item %q, step %q, sample %d", r.id, req.Item, req.Step, req.Sample)
	}
	line := make([]byte, at.length)
	if _, err := r.file.ReadAt(line, at.offset); err != nil {
		return judge.Answer{}, fmt.Errorf("judge %s: %w", r.id, err)
	}
	var rec Recording
	if err := json.Unmarshal(line, &rec); err != nil {
		return judge.Answer{}, fmt.Errorf("judge %s: %w", r.id, err)
	}
	if rec.Item != req.Item || rec.Step != req.Step || rec.Sample != req.Sample {
		return judge.Answer{}, fmt.Errorf("judge %s: items %q and %q cannot be told apart in %s", r.id, rec.Item, req.Item, r.file.Name())
	}
	return rec.Answer, nil
}

// Close closes the file.
func (r *Recorded) Close() error { return r.file.Close() }
