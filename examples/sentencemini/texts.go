package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readTexts reads the texts that are learnt from, each once, sorted: parts of sentences of
// Wikipedia, questions to a bank, answers in two styles, and instructions. All of them are
// openly licensed; models/recipes/sentence-mini names the licences.
func readTexts(dir string) ([]string, error) {
	var all []string
	for _, name := range []string{"wikitext-2/valid.txt", "wikitext-2/test.txt"} {
		data, err := os.ReadFile(filepath.Join(dir, "text", filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		all = append(all, articles(string(data))...)
	}
	for _, name := range []string{"yoda.txt", "leprechaun.txt"} {
		data, err := os.ReadFile(filepath.Join(dir, "text", "text_styles", name))
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(data)) {
			all = append(all, chunks(line)...)
		}
	}
	bank, err := questions(filepath.Join(dir, "text", "banking77", "train.csv"))
	if err != nil {
		return nil, err
	}
	all = append(all, bank...)
	more, err := instructions(filepath.Join(dir, "judge", "llmbar", "LLMBar"))
	if err != nil {
		return nil, err
	}
	all = append(all, more...)
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(t string) bool { return len(strings.Fields(t)) < 3 }), nil
}

// articles cuts the text of Wikipedia articles, which was cut into words, into parts of
// sentences, and takes out the signs of that cut.
func articles(text string) []string {
	clean := strings.NewReplacer(" @-@ ", "-", " @,@ ", ",", " @.@ ", ".", "<unk>", "", " 's", "'s", " ,", ",", "( ", "(", " )", ")", " ;", ";", " :", ":", " n't", "n't", `" `, `"`)
	var list []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if strings.HasPrefix(line, "=") {
			list = append(list, strings.Trim(line, "= "))
			continue
		}
		for s := range strings.SplitSeq(line, " . ") {
			list = append(list, chunks(strings.TrimSuffix(clean.Replace(s), " ."))...)
		}
	}
	return list
}

// chunks cuts a text into pieces of at most some words, each text that is longer in
// another place, so that lengths vary.
func chunks(s string) []string {
	words := strings.Fields(s)
	var list []string
	for len(words) > 0 {
		n := min(8+len(words)%17, len(words))
		list = append(list, strings.Join(words[:n], " "))
		words = words[n:]
	}
	return list
}

// questions reads the first column of a table.
func questions(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(bufio.NewReader(f)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var list []string
	for _, row := range rows[1:] {
		list = append(list, strings.Join(strings.Fields(row[0]), " "))
	}
	return list, nil
}

// instructions reads the inputs and answers of the sets of comparisons below a folder.
func instructions(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "dataset.json"))
	if err != nil {
		return nil, err
	}
	deeper, err := filepath.Glob(filepath.Join(dir, "*", "*", "dataset.json"))
	if err != nil {
		return nil, err
	}
	var list []string
	for _, path := range append(files, deeper...) {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var items []struct {
			Input string `json:"input"`
			One   string `json:"output_1"`
			Two   string `json:"output_2"`
		}
		if err := json.Unmarshal(data, &items); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, it := range items {
			for _, t := range []string{it.Input, it.One, it.Two} {
				list = append(list, chunks(t)...)
			}
		}
	}
	return list, nil
}
