package finetune

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/input"
	"github.com/seed6700ada1/infer/models/folder"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// backbone is the published model that is fine-tuned.
type backbone struct {
	model  *onnx.Model // changed on the way
	files  *folder.Folder
	isText bool
}

func openBackbone(r Recipe) (*backbone, error) {
	f, err := folder.Open(r.Model)
	if err != nil {
		return nil, err
	}
	m, err := onnx.Open(f.Model)
	if err != nil {
		return nil, err
	}
	b := &backbone{model: m, files: f}
	for _, in := range m.Graph.Inputs {
		b.isText = b.isText || in.Name == "input_ids"
	}
	return b, nil
}

// features adds to the graph what a head is put on, one vector an example: for
// pictures the model's own, for texts the vectors of their tokens pooled as the
// model's folder says.
func (b *backbone) features() (string, error) {
	g := b.model.Graph
	e, err := emit.New(b.model)
	if err != nil {
		return "", err
	}
	rank := func(o *onnx.ValueInfo) int {
		d, ok := e.Dims(o.Name)
		if !ok {
			return -1
		}
		return len(d)
	}
	if i := slices.IndexFunc(g.Outputs, func(o *onnx.ValueInfo) bool { return rank(o) == 2 }); i >= 0 {
		return g.Outputs[i].Name, nil
	}
	i := slices.IndexFunc(g.Outputs, func(o *onnx.ValueInfo) bool { return rank(o) == 3 })
	if !b.isText || i < 0 {
		return "", fmt.Errorf("finetune: the model gives %s, expected one vector an example, or one a token", runtime.Describe(runtime.OutputSpecs(g)))
	}
	e.Prefix("head")
	x, err := b.pool(e, g.Outputs[i].Name)
	if err != nil {
		return "", err
	}
	return x, e.Err()
}

// pool makes one vector of those of a text's tokens.
func (b *backbone) pool(e *emit.Builder, hidden string) (string, error) {
	var pool struct {
		CLS bool `json:"pooling_mode_cls_token"`
	}
	if _, err := b.files.JSON("1_Pooling/config.json", &pool); err != nil {
		return "", fmt.Errorf("finetune: %w", err)
	}
	var modules []struct {
		Type string `json:"type"`
	}
	if _, err := b.files.JSON("modules.json", &modules); err != nil {
		return "", fmt.Errorf("finetune: %w", err)
	}
	var x string
	if pool.CLS {
		x = e.Gather(hidden, e.Int(0), 1)
	} else {
		const mask = "attention_mask"
		if !slices.ContainsFunc(b.model.Graph.Inputs, func(in *onnx.ValueInfo) bool { return in.Name == mask }) {
			return "", fmt.Errorf("finetune: the model has no input %q, by which tokens are pooled", mask)
		}
		x = adapt.Pool(e, hidden, mask)
	}
	for _, m := range modules {
		if strings.HasSuffix(m.Type, ".Normalize") {
			x = adapt.Unit(e, x, 1)
		}
	}
	return x, nil
}

// encoder makes inputs of the examples of a set, for a session that takes what
// the model takes. fixed is how many rows the model wants in a run, 0 for any.
func (b *backbone) encoder(s runtime.Session, set *data.Set, r Recipe) (e input.Encoder, fixed int, err error) {
	list := make([]string, len(set.Examples))
	for i, x := range set.Examples {
		list[i] = x.Text
	}
	var specs []runtime.ValueSpec
	for _, in := range s.Inputs() {
		if b.isInput(in.Name) {
			specs = append(specs, in)
		}
	}
	if !b.isText {
		p, err := input.NewPictures(list, specs, r.normalization())
		if err != nil {
			return nil, 0, err
		}
		return p, p.FixedBatch(), nil
	}
	tok, err := text.LoadTokenizer(b.files)
	if err != nil {
		return nil, 0, err
	}
	most, err := b.maxTokens(r)
	if err != nil {
		return nil, 0, err
	}
	t, err := input.NewTexts(tok, list, most, specs)
	return t, 0, err
}

// isInput reports whether the published model has an input of that name.
func (b *backbone) isInput(name string) bool {
	return slices.ContainsFunc(b.model.Graph.Inputs, func(in *onnx.ValueInfo) bool {
		return in.Name == name && b.model.Graph.Initializer(name) == nil
	})
}

// maxTokens is how many tokens a text may have: the least of what the recipe and
// the files of the model say; 0 where nothing does.
func (b *backbone) maxTokens(r Recipe) (int, error) {
	limit := r.MaxTokens
	for file, field := range map[string]string{
		"sentence_bert_config.json": "max_seq_length",
		"tokenizer_config.json":     "model_max_length",
		"config.json":               "max_position_embeddings",
	} {
		var fields map[string]json.RawMessage
		if _, err := b.files.JSON(file, &fields); err != nil {
			return 0, fmt.Errorf("finetune: %w", err)
		}
		var n float64
		if json.Unmarshal(fields[field], &n) != nil {
			continue // not there, or no number
		}
		const unlimited = 1e9 // numbers like 1e30 say that there is no limit
		if n >= 1 && n < unlimited && (limit == 0 || int(n) < limit) {
			limit = int(n)
		}
	}
	return limit, nil
}
