package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A small network learns a few tunes well enough for the loss to fall, and its folder is a
// model that writes.
func TestShort(t *testing.T) {
	dir := t.TempDir()
	var tunes strings.Builder
	for _, body := range []string{"CDEF GABc|cBAG FEDC|", "GFED CDEF|GABc cBAG|", "c2B2 A2G2|F2E2 D2C2|", "EGcG EGcG|DFAF DFAF|"} {
		tunes.WriteString("X:1\nT:Scale\nM:4/4\nL:1/8\nK:C\n" + body + "\n\n")
	}
	data := filepath.Join(dir, "tunes.abc")
	if err := os.WriteFile(data, []byte(tunes.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	err := run(t.Context(), []string{
		"--data", data, "--out", out, "--embedding", "16", "--hidden", "32", "--length", "20", "--batch", "4",
		"--iterations", "80", "--rate", "2e-2", "--held", "0.25", "--tunes", "3",
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(out, "log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	first, last := lossOf(t, lines[0]), lossOf(t, lines[len(lines)-1])
	if len(lines) != 80 || last > first/2 {
		t.Errorf("%d steps, from a loss of %v to %v, want 80 and half of it", len(lines), first, last)
	}
}

func lossOf(t *testing.T, line string) float64 {
	t.Helper()
	p, err := readPoint(line)
	if err != nil {
		t.Fatal(err)
	}
	return p.Loss
}
