module github.com/seed6700ada1/infer

go 1.26.0

require (
	github.com/bep/imagemeta v1.0.1
	github.com/yalue/onnxruntime_go v1.35.0
	golang.org/x/image v0.47.0
	golang.org/x/sys v0.49.0
	golang.org/x/text v0.43.0
	google.golang.org/protobuf v1.36.12
)
