// Package lm writes and judges text with decoder language models.
//
//	s, err := infer.Open("babyllama-105/onnx/model.onnx")
//	if err != nil { … }
//	m, err := lm.Open(s, "babyllama-105")
//	if err != nil { … }
//	for token, err := range m.Stream(ctx, "Once upon a time", lm.Options{MaxTokens: 64}) {
//		if err != nil { … }
//		fmt.Print(token.Text)
//	}
//
// How a model is run is told from its inputs and outputs (layout.go): files of optimum
// with past_key_values.* and position_ids, files of onnxruntime-genai whose
// GroupQueryAttention keeps its positions itself, and files without a cache. What the
// attention remembers is a cache: outputs of one run that are inputs of the next. They
// are handed on as they are; no element of them is touched between two steps.
//
//	Generate, Stream      one answer, whole or token by token
//	GenerateBatch         several prompts in one run, padded on the left
//	Scheduler             many callers share the runs of one session; prompts come and go
//	Beams                 the likeliest whole answers
//	Score, Perplexity     how likely a given text is
//
// A prompt that is longer than the model's context is an error, [ContextError], unless
// the options say that its beginning shall be dropped.
package lm
