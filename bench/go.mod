module github.com/seed6700ada1/infer/bench

go 1.26.0

replace github.com/seed6700ada1/infer => ../

require (
	github.com/seed6700ada1/infer v0.0.0-00010101000000-000000000000
	github.com/yalue/onnxruntime_go v1.35.0
)

require (
	golang.org/x/image v0.47.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
