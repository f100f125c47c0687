// Package journal keeps a file of results that survives the end of the process at any
// moment: a line a record, only ever appended, each on disk before Append returns.
//
// A record has a key, the hash of everything that decides its value ([KeyOf]). Who asks
// the journal before doing the work does nothing twice: after a crash, after an
// interrupt, or when a run is continued with more items. A line that a crash cut short is
// taken off when the file is opened again; damage anywhere else is an error, as results
// that were paid for should not vanish silently.
//
//	{"key":"1f…","crc":"9ae0…","value":{…}}
//
// Only keys and places are kept in memory.
package journal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// A Key names a record.
type Key [16]byte

// String returns the key in hexadecimal digits.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// KeyOf returns the key of what parts are as JSON: a part of a SHA-256, so that no two
// inputs share one by chance.
func KeyOf(parts ...any) (Key, error) {
	h := sha256.New()
	enc := json.NewEncoder(h) // a line each: no two lists of parts have the same lines
	for _, part := range parts {
		if err := enc.Encode(part); err != nil {
			return Key{}, fmt.Errorf("journal: key: %w", err)
		}
	}
	return Key(h.Sum(nil)[:16]), nil
}

// record is a line of the file.
type record struct {
	Key   string          `json:"key"`
	CRC   string          `json:"crc"` // CRC-32 (Castagnoli) of key and value
	Value json.RawMessage `json:"value"`
}

// checksum returns the sum of a record.
func checksum(key string, value []byte) string {
	table := crc32.MakeTable(crc32.Castagnoli)
	return fmt.Sprintf("%08x", crc32.Update(crc32.Checksum([]byte(key), table), table, value))
}

// A Journal is an open file of records. Its methods may be called by many goroutines.
type Journal struct {
	file *os.File

	mu      sync.Mutex
	done    *sync.Cond
	places  map[uint64]int64 // where a record's line begins, by the first bytes of its key
	others  map[Key]int64    // records whose key begins as another's
	end     int64            // where the next line begins
	synced  int64            // how far the file is on disk
	syncing bool
	broken  error // the first failure to write: nothing is written after it
}

// Open opens the journal at path, or begins one, and holds it against other processes. A
// last line that is not whole is taken off.
func Open(path string) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{file: file, places: map[uint64]int64{}, others: map[Key]int64{}}
	j.done = sync.NewCond(&j.mu)
	if err := j.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("journal: %s: %w", path, err), file.Close())
	}
	return j, nil
}

// recover locks the file, reads what it holds and cuts off a torn end.
func (j *Journal) recover() error {
	if err := lock(j.file); err != nil {
		return err
	}
	end, err := scan(j.file, func(offset int64, r *record) error {
		key, err := hex.DecodeString(r.Key)
		if err != nil || len(key) != len(Key{}) {
			return fmt.Errorf("key %q", r.Key)
		}
		_, _, err = j.find(Key(key))
		if errors.Is(err, errAbsent) {
			j.keep(Key(key), offset)
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	j.end, j.synced = end, end
	if info, err := j.file.Stat(); err != nil || info.Size() == end {
		return err
	}
	if err := j.file.Truncate(end); err != nil {
		return err
	}
	return j.file.Sync()
}

// maxLine is how long a line may be.
const maxLine = 1 << 30

// scan gives every record of r to visit, with where its line begins, and returns
// where the last whole line ends.
func scan(r io.Reader, visit func(offset int64, r *record) error) (int64, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	var offset int64
	for n := 1; ; n++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return offset, nil // what follows the last newline was not finished
		}
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", n, err)
		}
		var rec record
		err = json.Unmarshal(line, &rec)
		if err == nil && rec.CRC != checksum(rec.Key, rec.Value) {
			err = errors.New("wrong checksum")
		}
		if err != nil {
			if _, more := in.ReadByte(); errors.Is(more, io.EOF) {
				return offset, nil // the last line: torn in its middle by a crash
			}
			return 0, fmt.Errorf("line %d is damaged: %w", n, err)
		}
		if err := visit(offset, &rec); err != nil {
			return 0, fmt.Errorf("line %d: %w", n, err)
		}
		offset += int64(len(line))
	}
}

// readLine returns a line with its newline, or io.EOF where there is no whole one.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(long) > maxLine {
			return nil, errors.New("the line is too long")
		}
		line, err = in.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

// errAbsent is the error of a key without a record.
var errAbsent = errors.New("no such record")

// keep notes where the record of a key is. The mutex is held, or nobody else knows j.
func (j *Journal) keep(key Key, offset int64) {
	if _, taken := j.places[key.prefix()]; taken {
		j.others[key] = offset
		return
	}
	j.places[key.prefix()] = offset
}

// prefix returns the first bytes of a key. They are enough to find a record, and not to
// be sure that it is the one.
func (k Key) prefix() uint64 { return binary.LittleEndian.Uint64(k[:]) }

// find returns the record of a key and where it is, or errAbsent. The mutex is held, or
// nobody else knows j.
func (j *Journal) find(key Key) (rec record, offset int64, err error) {
	offset, ok := j.places[key.prefix()]
	if !ok {
		return record{}, 0, errAbsent
	}
	if rec, err = j.read(offset); err != nil || rec.Key == key.String() {
		return rec, offset, err
	}
	if offset, ok = j.others[key]; !ok {
		return record{}, 0, errAbsent
	}
	rec, err = j.read(offset)
	return rec, offset, err
}

// read returns the record whose line begins at offset.
func (j *Journal) read(offset int64) (record, error) {
	line := make([]byte, 1024)
	have := 0
	for {
		n, err := j.file.ReadAt(line[have:], offset+int64(have))
		if end := bytes.IndexByte(line[have:have+n], '\n'); end >= 0 {
			line = line[:have+end]
			break
		}
		if have += n; err != nil {
			return record{}, err
		}
		line = append(line, make([]byte, len(line))...)
	}
	var rec record
	err := json.Unmarshal(line, &rec)
	return rec, err
}

// Has says whether there is a record for key.
func (j *Journal) Has(key Key) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, _, err := j.find(key)
	return err == nil
}

// Len returns the number of records.
func (j *Journal) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.places) + len(j.others)
}

// Get decodes the record for key into value, and says whether there is one.
func (j *Journal) Get(key Key, value any) (bool, error) {
	j.mu.Lock()
	offset, ok := j.places[key.prefix()]
	other, also := j.others[key]
	j.mu.Unlock()
	if !ok {
		return false, nil
	}
	rec, err := j.read(offset) // outside the lock: records do not move
	if err == nil && rec.Key != key.String() {
		if !also {
			return false, nil
		}
		rec, err = j.read(other)
	}
	if err == nil {
		err = json.Unmarshal(rec.Value, value)
	}
	if err != nil {
		return false, fmt.Errorf("journal: record %v: %w", key, err)
	}
	return true, nil
}

// Append writes the record of a key, and returns when it is on disk. A key that is there
// already keeps its first value. Appends that come while the disk is busy are synced
// together.
func (j *Journal) Append(key Key, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("journal: record %v: %w", key, err)
	}
	name := key.String()
	line, err := json.Marshal(record{name, checksum(name, data), data})
	if err != nil {
		return fmt.Errorf("journal: record %v: %w", key, err)
	}
	line = append(line, '\n')
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	if _, _, err := j.find(key); !errors.Is(err, errAbsent) {
		return err
	}
	if _, err := j.file.WriteAt(line, j.end); err != nil {
		j.broken = fmt.Errorf("journal: %w", err)
		return j.broken
	}
	j.keep(key, j.end)
	j.end += int64(len(line))
	return j.syncTo(j.end)
}

// syncTo returns when the file is on disk up to end. Of the goroutines that wait, one
// syncs for all that have written by then. The mutex is held.
func (j *Journal) syncTo(end int64) error {
	for j.synced < end && j.broken == nil {
		if j.syncing {
			j.done.Wait()
			continue
		}
		j.syncing = true
		upTo := j.end
		j.mu.Unlock()
		err := j.file.Sync()
		j.mu.Lock()
		j.syncing = false
		j.synced = upTo
		if err != nil {
			j.broken = fmt.Errorf("journal: %w", err)
		}
		j.done.Broadcast()
	}
	return j.broken
}

// Close gives the file free. No other call may be running.
func (j *Journal) Close() error { return j.file.Close() }
