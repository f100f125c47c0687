package text

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/models/folder"
)

// Config holds the fields of config.json that tell what a model is for.
type Config struct {
	Architectures []string          `json:"architectures"`
	ModelType     string            `json:"model_type"`
	IDToLabel     map[string]string `json:"id2label"`
	ProblemType   string            `json:"problem_type"`
	MaxPositions  int               `json:"max_position_embeddings"`
	PadID         *int64            `json:"pad_token_id"`
}

// Task is what a model was trained for.
type Task string

// The tasks, as the architectures of config.json end in them.
const (
	TaskFeatures       Task = "feature-extraction"
	TaskClassification Task = "text-classification"
	TaskTokens         Task = "token-classification"
	TaskAnswers        Task = "question-answering"
	TaskGeneration     Task = "text-generation"
	TaskUnknown        Task = "" // the configuration does not say
)

// Task tells what the model was trained for from the name of its architecture.
func (c *Config) Task() Task {
	for _, a := range c.Architectures {
		switch {
		case strings.HasSuffix(a, "ForSequenceClassification"):
			return TaskClassification
		case strings.HasSuffix(a, "ForTokenClassification"):
			return TaskTokens
		case strings.HasSuffix(a, "ForQuestionAnswering"):
			return TaskAnswers
		case strings.HasSuffix(a, "ForCausalLM"), strings.HasSuffix(a, "LMHeadModel"):
			return TaskGeneration
		case strings.HasSuffix(a, "Model"), strings.HasSuffix(a, "ForMaskedLM"):
			return TaskFeatures
		}
	}
	return TaskUnknown
}

// Labels lists the labels in the order of the model's outputs. Where the configuration
// names none they are LABEL_0, LABEL_1, …
func (c *Config) Labels(n int) ([]string, error) {
	labels := make([]string, n)
	for i := range labels {
		labels[i] = "LABEL_" + strconv.Itoa(i)
	}
	if len(c.IDToLabel) == 0 {
		return labels, nil
	}
	if len(c.IDToLabel) != n {
		return nil, fmt.Errorf("text: config.json has %d labels in id2label, and the model gives %d scores", len(c.IDToLabel), n)
	}
	for _, key := range slices.Sorted(maps.Keys(c.IDToLabel)) {
		i, err := strconv.Atoi(key)
		if err != nil || i < 0 || i >= n {
			return nil, fmt.Errorf("text: config.json: id2label has the id %q, expected 0 to %d", key, n-1)
		}
		labels[i] = c.IDToLabel[key]
	}
	return labels, nil
}

// unlimited is above what any model takes: tokenizer_config.json says "no limit" with
// numbers like 1e30.
const unlimited = 1e9

// maxTokens is the number of tokens that the model takes, special ones counted; 0 where
// nothing says. The narrower wins of what the embedder was made with, what the tokenizer
// was set to, and what the model has positions for.
func (c *Config) maxTokens(f *folder.Folder) (int, error) {
	limit := 0.0
	lower := func(n float64) {
		if n >= 1 && n < unlimited && (limit == 0 || n < limit) {
			limit = n
		}
	}
	positions := c.MaxPositions
	if offset, ok := positionOffset[c.ModelType]; ok && positions > offset {
		positions -= offset
	}
	lower(float64(positions))
	var set struct {
		Max float64 `json:"model_max_length"`
	}
	if _, err := f.JSON("tokenizer_config.json", &set); err != nil {
		return 0, err
	}
	lower(set.Max)
	var sentence struct {
		Max float64 `json:"max_seq_length"`
	}
	if _, err := f.JSON("sentence_bert_config.json", &sentence); err != nil {
		return 0, err
	}
	lower(sentence.Max)
	return int(limit), nil
}

// positionOffset is how many positions of a family's table are never used: RoBERTa's
// begins behind the id of padding, which is 1.
var positionOffset = map[string]int{
	"roberta": 2, "xlm-roberta": 2, "camembert": 2, "mpnet": 2, "longformer": 2, "xlm-roberta-xl": 2,
}
