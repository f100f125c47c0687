package lm

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/folder"
)

// Config holds what the files beside a decoder say of it.
type Config struct {
	Context int      // tokens that prompt and answer may have together; 0 is no limit
	BOS     int64    // put before a text; -1 where there is none
	EOS     []int64  // end an answer
	Stop    []string // stop_strings: an answer ends before the first of these
	Heads   int      // of the attention
	KVHeads int      // of its keys and values; 0 is as many as Heads
	Size    int      // of a head; 0 is Hidden / Heads
	Hidden  int      // size of the model's vectors
}

func (c *Config) kvHeads() int {
	if c.KVHeads > 0 {
		return c.KVHeads
	}
	return c.Heads
}

func (c *Config) headSize() int {
	if c.Size > 0 || c.Heads < 1 {
		return c.Size
	}
	return c.Hidden / c.Heads
}

// ids is a token id, or a list of them.
type ids []int64

// UnmarshalJSON reads either.
func (i *ids) UnmarshalJSON(data []byte) error {
	var one *int64
	if err := json.Unmarshal(data, &one); err == nil {
		if one != nil {
			*i = ids{*one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]int64)(i))
}

// texts is a text, or a list of them.
type texts []string

// UnmarshalJSON reads either.
func (s *texts) UnmarshalJSON(data []byte) error {
	var one *string
	if err := json.Unmarshal(data, &one); err == nil {
		if one != nil {
			*s = texts{*one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(s))
}

// modelConfig holds the fields of config.json, under the names of the families.
type modelConfig struct {
	BOS       ids `json:"bos_token_id"`
	EOS       ids `json:"eos_token_id"`
	Positions int `json:"max_position_embeddings"`
	NPosition int `json:"n_positions"`
	NContext  int `json:"n_ctx"`
	Heads     int `json:"num_attention_heads"`
	NHead     int `json:"n_head"`
	KVHeads   int `json:"num_key_value_heads"`
	Size      int `json:"head_dim"`
	Hidden    int `json:"hidden_size"`
	NEmbed    int `json:"n_embd"`
}

// genaiConfig holds the fields of genai_config.json.
type genaiConfig struct {
	Model struct {
		BOS     ids `json:"bos_token_id"`
		EOS     ids `json:"eos_token_id"`
		Context int `json:"context_length"`
		Decoder struct {
			Heads   int `json:"num_attention_heads"`
			KVHeads int `json:"num_key_value_heads"`
			Size    int `json:"head_size"`
			Hidden  int `json:"hidden_size"`
		} `json:"decoder"`
	} `json:"model"`
}

// readConfig reads config.json, then what generation_config.json and genai_config.json
// say instead.
func readConfig(f *folder.Folder) (Config, error) {
	var m modelConfig
	var generation struct {
		BOS  ids   `json:"bos_token_id"`
		EOS  ids   `json:"eos_token_id"`
		Stop texts `json:"stop_strings"`
	}
	var genai genaiConfig
	for _, file := range []struct {
		name string
		into any
	}{{"config.json", &m}, {"generation_config.json", &generation}, {"genai_config.json", &genai}} {
		if _, err := f.JSON(file.name, file.into); err != nil {
			return Config{}, fmt.Errorf("lm: %w", err)
		}
	}
	g := &genai.Model
	c := Config{
		BOS:     -1,
		Stop:    slices.DeleteFunc(generation.Stop, func(s string) bool { return s == "" }),
		Context: first(g.Context, m.Positions, m.NPosition, m.NContext),
		Heads:   first(g.Decoder.Heads, m.Heads, m.NHead),
		KVHeads: first(g.Decoder.KVHeads, m.KVHeads),
		Size:    first(g.Decoder.Size, m.Size),
		Hidden:  first(g.Decoder.Hidden, m.Hidden, m.NEmbed),
	}
	for _, list := range []ids{m.BOS, generation.BOS, g.BOS} {
		if len(list) > 0 {
			c.BOS = list[0]
		}
	}
	for _, list := range []ids{m.EOS, generation.EOS, g.EOS} {
		if len(list) > 0 {
			c.EOS = list
		}
	}
	return c, nil
}

// first is the first of the values that is set.
func first(values ...int) int {
	for _, v := range values {
		if v > 0 {
			return v
		}
	}
	return 0
}
