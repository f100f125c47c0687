// Package text turns text into vectors, labels, answers and ranks with encoder models
// of the BERT family and its relatives.
//
//	s, err := infer.Open("all-MiniLM-L6-v2/model.onnx")
//	if err != nil { … }
//	m, err := text.Open(s, "all-MiniLM-L6-v2")
//	if err != nil { … }
//	e, err := text.NewEmbedder(m, text.EmbedOptions{})
//	if err != nil { … }
//	vectors, err := e.Embed(ctx, []string{"a cat", "a kitten"})
//
// A [Model] is a session with the tokenizer and the configuration that stand beside
// the model file. What it can do is told from the architecture that config.json names
// and from the outputs of the graph:
//
//	Embedder          one vector a text: pooled, and of length one
//	Classifier        labels of a text, or of a pair of texts
//	TokenClassifier   spans of a text with labels: names, places, parts of speech
//	Answerer          the part of a text that answers a question
//	ZeroShot          labels that are given with the text, by natural-language inference
//	Reranker          how well texts fit a query, by a cross-encoder
//
// Texts are run in micro-batches of about the same length, so that little is spent on
// padding; results come in the order of the texts. A text that is longer than the
// model takes is an error ([TooLongError]) unless the options say that it shall be
// cut.
package text
