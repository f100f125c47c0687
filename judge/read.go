package judge

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxLine is how many bytes a line of JSONL, and so an item, may have.
const maxLine = 64 << 20

// ReadJSONL yields the items of a file with one JSON object a line, or one JSON array
// of such objects. An object is an [Item] as it is written by encoding/json; or, in
// short, its candidates stand in "output" or "output_1", "output_2", …, its label is
// 0 (tie), 1 or 2, and other fields become metadata. An item without "id" gets its
// number, from 1. The sequence ends at the first error, which names the line.
//
// One line is held in memory at a time.
func ReadJSONL(r io.Reader) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		if first, err := peekByte(in); err == nil && first == '[' {
			readArray(in, yield)
			return
		}
		lines := bufio.NewScanner(in)
		lines.Buffer(make([]byte, 0, 1<<16), maxLine)
		n, items := 0, 0
		for lines.Scan() {
			n++
			line := bytes.TrimSpace(lines.Bytes())
			if len(line) == 0 {
				continue
			}
			items++
			it, err := itemFromJSON(line, items)
			if err != nil {
				yield(Item{}, fmt.Errorf("line %d: %w", n, err))
				return
			}
			if !yield(it, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Item{}, fmt.Errorf("line %d: %w", n+1, err))
		}
	}
}

// peekByte returns the first byte that is no space, unread.
func peekByte(in *bufio.Reader) (byte, error) {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n\ufeff"), rune(b)) {
			return b, in.UnreadByte()
		}
	}
}

// readArray yields the items of a JSON array.
func readArray(in io.Reader, yield func(Item, error) bool) {
	dec := json.NewDecoder(in)
	if _, err := dec.Token(); err != nil {
		yield(Item{}, err)
		return
	}
	for n := 1; dec.More(); n++ {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		var it Item
		if err == nil {
			it, err = itemFromJSON(raw, n)
		}
		if err != nil {
			yield(Item{}, fmt.Errorf("element %d: %w", n, err))
			return
		}
		if !yield(it, nil) {
			return
		}
	}
	if _, err := dec.Token(); err != nil {
		yield(Item{}, fmt.Errorf("the end of the array: %w", err))
	}
}

// ReadCSV yields the items of a file with a line of column names: the fields of
// [ReadJSONL]'s short form. The sequence ends at the first error, which names the line.
func ReadCSV(r io.Reader) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		in := csv.NewReader(r)
		header, err := in.Read()
		if err != nil {
			yield(Item{}, fmt.Errorf("column names: %w", err))
			return
		}
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
		in.ReuseRecord = true
		for n := 1; ; n++ {
			record, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var it Item
			if err == nil {
				line, _ := in.FieldPos(0)
				fields := map[string]any{}
				for i, name := range header {
					if record[i] != "" {
						fields[name] = record[i]
					}
				}
				if it, err = itemFromFields(fields, n); err != nil {
					err = fmt.Errorf("line %d: %w", line, err)
				}
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// itemFromJSON reads the n-th item, in the full or the short form.
func itemFromJSON(data []byte, n int) (Item, error) {
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return Item{}, err
	}
	if _, full := fields["candidates"]; !full {
		return itemFromFields(fields, n)
	}
	var it Item
	if label, ok := fields["label"].(json.Number); ok { // a number, as in the short form
		c, err := parseLabel(label.String())
		if err != nil {
			return Item{}, err
		}
		fields["label"] = c
		var err2 error
		if data, err2 = json.Marshal(fields); err2 != nil {
			return Item{}, err2
		}
	}
	if err := json.Unmarshal(data, &it); err != nil {
		return Item{}, err
	}
	if it.ID == "" {
		it.ID = strconv.Itoa(n)
	}
	return it, it.Check()
}

// itemFromFields reads the n-th item in the short form.
func itemFromFields(fields map[string]any, n int) (Item, error) {
	it := Item{ID: strconv.Itoa(n)}
	outputs := map[int]string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := plain(fields[name])
		if fields[name] == nil {
			continue
		}
		switch name {
		case "id":
			it.ID = value
		case "input":
			it.Input = value
		case "reference":
			it.Reference = value
		case "cluster":
			it.Cluster = value
		case "output":
			outputs[1] = value
		case "label":
			c, err := parseLabel(value)
			if err != nil {
				return Item{}, err
			}
			it.Label = &c
		default:
			if k, ok := outputNumber(name); ok {
				outputs[k] = value
				continue
			}
			if it.Metadata == nil {
				it.Metadata = map[string]string{}
			}
			it.Metadata[name] = value
		}
	}
	for i, k := range slices.Sorted(maps.Keys(outputs)) {
		if k != i+1 {
			return Item{}, fmt.Errorf("item %q: output_%d without output_%d", it.ID, k, i+1)
		}
		it.Candidates = append(it.Candidates, Candidate{Text: outputs[k]})
	}
	return it, it.Check()
}

// outputNumber returns N of a field called output_N.
func outputNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "output_")
	k, err := strconv.Atoi(digits)
	return k, ok && err == nil && k > 0
}

// plain returns the text of a JSON value: a string without its quotes, others as JSON.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// parseLabel reads 1, 2, 0, first, second or tie.
func parseLabel(text string) (Choice, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "first":
		return First, nil
	case "2", "second":
		return Second, nil
	case "0", "tie":
		return Tie, nil
	}
	return Tie, fmt.Errorf("label %q: want 1 or first, 2 or second, 0 or tie", text)
}
