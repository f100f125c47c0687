package journal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

type value struct{ N int }

func open(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // a test may have closed it
	return j
}

func key(t *testing.T, parts ...any) Key {
	t.Helper()
	k, err := KeyOf(parts...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.jsonl")
	j := open(t, path)
	for i := range 10 {
		if err := j.Append(key(t, "item", i), value{i}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Append(key(t, "item", 3), value{99}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	if j.Len() != 10 {
		t.Errorf("%d records, want 10", j.Len())
	}
	var v value
	if ok, err := j.Get(key(t, "item", 3), &v); !ok || err != nil || v.N != 3 {
		t.Errorf("record 3: %+v, %v, %v; want its first value", v, ok, err)
	}
	if ok, err := j.Get(key(t, "item", 10), &v); ok || err != nil {
		t.Errorf("a record that was never written: %v, %v", ok, err)
	}
}

func TestKeyOf(t *testing.T) {
	if key(t, "a", "b") == key(t, "ab") || key(t, "a", "b") == key(t, "b", "a") || key(t, 1) == key(t, "1") {
		t.Error("different parts have the same key")
	}
	if key(t, map[string]int{"a": 1, "b": 2}) != key(t, map[string]int{"b": 2, "a": 1}) {
		t.Error("the order of a map changes the key")
	}
	if _, err := KeyOf(func() {}); err == nil {
		t.Error("a function has a key")
	}
}

// TestTornEnd cuts a journal after every byte: what is whole stays, and writing goes on.
func TestTornEnd(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "whole")
	j := open(t, path)
	for i := range 3 {
		if err := j.Append(key(t, i), value{i}); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) + 1 {
		cut := filepath.Join(dir, strconv.Itoa(n))
		if err := os.WriteFile(cut, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Open(cut)
		if err != nil {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		if want := bytes.Count(whole[:n], []byte("\n")); c.Len() != want {
			t.Errorf("cut after %d bytes: %d records, want %d", n, c.Len(), want)
		}
		for i := range 3 {
			if err := c.Append(key(t, i), value{i}); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(cut); err != nil || !bytes.Equal(got, whole) {
			t.Errorf("cut after %d bytes and written again, the file is another (%v)", n, err)
		}
	}
}

func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	for i := range 3 {
		if err := j.Append(key(t, i), value{i}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte(`"N":1`))
	data[at+4] = '7'
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "line 2 is damaged") {
		t.Errorf("Open = %v, want that line 2 is damaged", err)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	open(t, path)
	if _, err := Open(path); err == nil {
		t.Skip("this system has no locks")
	} else if !strings.Contains(err.Error(), "another process") {
		t.Errorf("Open = %v", err)
	}
}

// TestConcurrent: many goroutines write the same keys; each is there once.
func TestConcurrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range 50 {
				if err := j.Append(key(t, i), value{i}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	data, err := os.ReadFile(path)
	if err != nil || bytes.Count(data, []byte("\n")) != 50 {
		t.Errorf("%d lines, want 50 (%v)", bytes.Count(data, []byte("\n")), err)
	}
}

func TestMerge(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for s := range 3 { // shards that overlap
		paths = append(paths, filepath.Join(dir, strconv.Itoa(s)))
		j := open(t, paths[s])
		for i := s * 5; i < s*5+8; i++ {
			if err := j.Append(key(t, i), value{i}); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	all := open(t, filepath.Join(dir, "all"))
	if n, err := all.Merge(paths...); err != nil || n != 18 {
		t.Errorf("merged %d, %v; want 18", n, err)
	}
	for i := range 18 {
		var v value
		if ok, err := all.Get(key(t, i), &v); !ok || err != nil || v.N != i {
			t.Errorf("record %d: %+v, %v, %v", i, v, ok, err)
		}
	}
	if _, err := all.Merge(filepath.Join(dir, "absent")); err == nil {
		t.Error("a file that is not there was merged")
	}
}

// childEnv tells the test binary to write records until it is killed.
const childEnv = "INFER_JOURNAL_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		os.Exit(child(path))
	}
	os.Exit(m.Run())
}

// child appends records, and names each on standard output once it is on disk.
func child(path string) int {
	j, err := Open(path)
	if err != nil {
		return 1
	}
	for i := j.Len(); ; i++ {
		k, err := KeyOf(i)
		if err != nil || j.Append(k, value{i}) != nil {
			return 1
		}
		fmt.Fprintln(os.Stdout, i)
	}
}

// kills ends a writing process n times at random moments: what it said was written is
// there, once, each time.
func kills(t *testing.T, n int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "j")
	said := 0
	for range n {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+path)
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		whole := out.String()[:strings.LastIndex(out.String(), "\n")+1]
		if lines := strings.Fields(whole); len(lines) > 0 {
			last, err := strconv.Atoi(lines[len(lines)-1])
			if err != nil {
				t.Fatal(err)
			}
			said = max(said, last+1)
		}
		j := open(t, path)
		if j.Len() < said {
			t.Fatalf("%d records, %d were said to be written", j.Len(), said)
		}
		for i := range j.Len() {
			var v value
			if ok, err := j.Get(key(t, i), &v); !ok || err != nil || v.N != i {
				t.Fatalf("record %d: %+v, %v, %v", i, v, ok, err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if said == 0 {
		t.Log("no process lived long enough to write")
	}
}

func TestKills(t *testing.T) { kills(t, 5) }

func TestSoakKills(t *testing.T) {
	if os.Getenv("INFER_SOAK") == "" {
		t.Skip("a long test: make soak")
	}
	kills(t, 100)
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("{\"key\":\"00\",\"crc\":\"\",\"value\":1}\n"))
	f.Add([]byte("{\"key\":"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := Open(path)
		if err != nil {
			return
		}
		defer j.Close()
		k := key(t, "new")
		if err := j.Append(k, value{1}); err != nil {
			t.Fatal(err)
		}
		var v value
		if ok, err := j.Get(k, &v); !ok || err != nil || v.N != 1 {
			t.Errorf("after Open of %q: %+v, %v, %v", data, v, ok, err)
		}
	})
}

// TestPrefix: keys that begin alike are told apart, also in a file that is opened again.
func TestPrefix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	var a, b, c Key
	a[15], b[15], c[15] = 1, 2, 3
	for range 2 {
		for n, k := range []Key{a, b} {
			if err := j.Append(k, value{n}); err != nil {
				t.Fatal(err)
			}
		}
		for n, k := range []Key{a, b} {
			var v value
			if ok, err := j.Get(k, &v); !ok || err != nil || v.N != n || !j.Has(k) {
				t.Errorf("record %v: %+v, %v, %v", k, v, ok, err)
			}
		}
		var v value
		if ok, err := j.Get(c, &v); ok || err != nil || j.Has(c) || j.Len() != 2 {
			t.Errorf("a record that is not there: %v, %v, %d records", ok, err, j.Len())
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = open(t, path)
	}
}

// TestLong: a record longer than what is read at a time.
func TestLong(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	text := strings.Repeat("long ", 1<<18)
	k := key(t, "long")
	if err := j.Append(k, text); err != nil {
		t.Fatal(err)
	}
	var got string
	if ok, err := j.Get(k, &got); !ok || err != nil || got != text {
		t.Errorf("a record of %d bytes: %v, %v, %d bytes", len(text), ok, err, len(got))
	}
}
