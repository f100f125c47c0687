package archtest

// A room is a part of the tree with one answer to the question whom it may know.
type room struct {
	dir      string   // folder; with "/..." everything below it too
	may      []string // what it may import of this module, besides itself
	external []string // what it may import of other modules; the standard library is free
	why      string
}

// Everything is the pattern that covers every folder of the module, or every module.
const everything = "./..."

// wire and cpu are the only modules that the light core stands on: what a program
// that embeds the runtime has to trust and to build.
const (
	wire = "google.golang.org/protobuf/encoding/protowire"
	cpu  = "golang.org/x/sys"
)

// rooms is the table of docs/architecture.md. The first entry that matches a folder
// counts, so a folder stands above the one that holds it.
var rooms = []room{
	{
		dir:      "runtime/tensor/...",
		external: []string{wire},
		why:      "values know nobody",
	},
	{
		dir:      "runtime/onnx/...",
		may:      []string{"runtime/tensor/..."},
		external: []string{wire, cpu},
		why:      "a model is data: it can be read, checked and written where no engine is linked",
	},
	{
		dir:      "runtime/kernel/...",
		may:      []string{"runtime/tensor/..."},
		external: []string{cpu},
		why:      "kernels see numbers only: of tensor they use the low-precision element types",
	},
	{
		dir:      "runtime/ops/vision/imagefile",
		may:      []string{"runtime/ops/vision/jpeg", "runtime/ops/vision/jpeg2000"},
		external: []string{"golang.org/x/image"},
		why:      "the operator ImageDecoder reads formats that the standard library does not",
	},
	{
		dir:      "runtime/ops/...",
		may:      []string{"runtime/tensor/...", "runtime/onnx/...", "runtime/kernel/..."},
		external: []string{wire, cpu},
		why:      "what is known of an operator holds for every engine",
	},
	{
		dir:      "runtime",
		may:      []string{"runtime/tensor/...", "runtime/onnx/..."},
		external: []string{wire, cpu},
		why:      "interfaces that all engines share link none of them",
	},
	{
		dir:      "runtime/native/...",
		may:      []string{"runtime", "runtime/ops/...", "runtime/kernel/...", "runtime/onnx/...", "runtime/tensor/..."},
		external: []string{wire, cpu},
		why:      "the engine joins operators and kernels, and is part of the light core",
	},
	{
		dir:      "runtime/ort/...",
		may:      []string{"runtime", "runtime/onnx/...", "runtime/tensor/..."},
		external: []string{"github.com/yalue/onnxruntime_go", wire, cpu},
		why:      "another engine behind the same interfaces",
	},
	{
		dir:      "runtime/gorgonia/...",
		may:      []string{"runtime", "runtime/native/...", "runtime/onnx/...", "runtime/tensor/..."},
		external: []string{"github.com/owulveryck/onnx-go", "gorgonia.org", "go4.org", wire, cpu},
		why:      "another engine behind the same interfaces, which verifies its first run against native",
	},
	{
		dir:      "models/text/chat",
		may:      []string{"models/folder"},
		external: []string{"github.com/nikolalohinski/gonja/v2"},
		why:      "templates of chat models are written in Jinja: who does not chat links no template engine",
	},
	{
		dir:      "models/...",
		may:      []string{"runtime", "runtime/onnx/...", "runtime/tensor/...", "internal/..."},
		external: []string{"golang.org/x", "github.com/bep/imagemeta", "github.com/dlclark/regexp2", "github.com/clipperhouse/uax29/v2"}, // the orientation of a picture; expressions with look-ahead; grapheme clusters
		why:      "a model family runs on any engine, and so must not know one",
	},
	{
		dir:      "finetune/grad/...",
		may:      []string{"finetune/...", "runtime", "runtime/ops/...", "runtime/onnx/...", "runtime/tensor/...", "internal/..."},
		external: []string{"golang.org/x"},
		why:      "gradients stand with their operators; what they emit is a graph for any engine",
	},
	{
		dir:      "finetune/...",
		may:      []string{"models/...", "runtime", "runtime/onnx/...", "runtime/tensor/...", "internal/..."},
		external: []string{"golang.org/x", "gopkg.in/yaml.v3"},
		why:      "training runs on any engine; judge is joined to it by the command line",
	},
	{
		dir:      "judge/...",
		may:      []string{"models/...", "runtime", "runtime/onnx/...", "runtime/tensor/...", "internal/..."},
		external: []string{"golang.org/x", "gopkg.in/yaml.v3", "gonum.org/v1/gonum", "github.com/openai/openai-go"}, // gonum: distributions and small systems of equations
		why:      "judging runs on any engine; finetune is joined to it by the command line",
	},
	{
		dir:      "internal/...",
		may:      []string{"runtime", "runtime/onnx/...", "runtime/tensor/..."},
		external: []string{"golang.org/x"},
		why:      "shared between rooms, so it knows no engine and no model family",
	},
	{
		dir:      "cmd/...",
		may:      []string{everything},
		external: []string{everything},
		why:      "the command line joins everything",
	},
	{
		dir:      "examples/...",
		may:      []string{everything},
		external: []string{everything},
		why:      "an example shows what a user writes",
	},
	{
		dir:      ".",
		may:      []string{"runtime", "runtime/native", "runtime/onnx", "runtime/tensor/..."},
		external: []string{wire, cpu},
		why:      "the short way in: the default engine and no other",
	},
}

// testOnly are the packages that only tests may import: they take a testing.TB.
var testOnly = []string{"internal/fixture", "internal/archtest"}

// unsafeRooms are the rooms that may import unsafe: views of bytes as numbers,
// mapped files, assembly and a C library.
var unsafeRooms = []string{"runtime/kernel/...", "runtime/tensor/...", "runtime/onnx/...", "runtime/ort/..."}

// cgoRooms are the rooms that may import "C".
var cgoRooms = []string{"runtime/ort/..."}
