package hub

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// graphs are the names under which a repository's graph is looked for.
var graphs = []string{"model.onnx", "onnx/model.onnx"}

// beside are the files that belong to a model whatever its graph is called: tokenizer and
// configurations.
func beside(name string) bool {
	switch path.Ext(name) {
	case ".json", ".jinja", ".tiktoken":
	case ".txt":
		if base := path.Base(name); base != "vocab.txt" && base != "merges.txt" && base != "labels.txt" {
			return false
		}
	case ".model":
	default:
		return false
	}
	dir := path.Dir(name)
	return dir == "." || dir == "1_Pooling" || dir == "onnx"
}

// choose lists the files of a repository to fetch: the graph, the data that it keeps in
// files of its own, and what stands beside it.
func choose(files []string, want string) ([]string, error) {
	graph := want
	if graph == "" {
		graph = findGraph(files)
	}
	if graph == "" {
		var found []string
		for _, f := range files {
			if path.Ext(f) == ".onnx" {
				found = append(found, f)
			}
		}
		return nil, fmt.Errorf("no %s, and %d other .onnx files%s: name one behind the repository", strings.Join(graphs, " or "), len(found), listed(found))
	}
	if !slices.Contains(files, graph) {
		return nil, fmt.Errorf("the repository has no file %s", graph)
	}
	chosen := []string{graph}
	for _, f := range files {
		if f == graph {
			continue
		}
		isData := path.Ext(graph) == ".onnx" && strings.HasPrefix(f, graph) && path.Dir(f) == path.Dir(graph)
		if isData || beside(f) || path.Dir(f) == path.Dir(graph) && path.Ext(f) == ".json" {
			chosen = append(chosen, f)
		}
	}
	return chosen, nil
}

func findGraph(files []string) string {
	for _, g := range graphs {
		if slices.Contains(files, g) {
			return g
		}
	}
	only := ""
	for _, f := range files {
		if path.Ext(f) == ".onnx" {
			if only != "" {
				return ""
			}
			only = f
		}
	}
	return only
}

func listed(files []string) string {
	const most = 8
	if len(files) == 0 {
		return ""
	}
	text := " (" + strings.Join(files[:min(most, len(files))], ", ")
	if len(files) > most {
		text += ", …"
	}
	return text + ")"
}
