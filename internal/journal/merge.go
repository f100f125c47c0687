package journal

import (
	"encoding/hex"
	"fmt"
	"os"
)

// Merge adds to j the records of the journal files at paths that it does not have, and
// returns how many those are. The files stay as they are, a torn end included.
func (j *Journal) Merge(paths ...string) (int, error) {
	before := j.Len()
	for _, path := range paths {
		if err := j.mergeFile(path); err != nil {
			return j.Len() - before, fmt.Errorf("journal: %s: %w", path, err)
		}
	}
	return j.Len() - before, nil
}

func (j *Journal) mergeFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = scan(file, func(_ int64, r *record) error {
		key, err := hex.DecodeString(r.Key)
		if err != nil || len(key) != len(Key{}) {
			return fmt.Errorf("key %q", r.Key)
		}
		return j.Append(Key(key), r.Value)
	})
	return err
}
