// Package finetune trains the last part of a published ONNX model, or adapters
// beside its weights, and writes an ONNX model back.
//
//	report, err := finetune.Classify(ctx, engine, finetune.Recipe{
//		Model: "all-MiniLM-L6-v2", Data: "train.csv", Out: "run",
//	}, finetune.Hooks{})
//
// A step of training is a graph (package step) that any engine runs. What no
// trained weight reaches is cut off, run once an example, and kept (package
// adapt). There is one loop, [Trainer]; what differs from task to task is data:
// a [Recipe], which the folder of a run keeps beside its results.
package finetune
