package finetune

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed6700ada1/infer/finetune/input"
	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/models/folder"
)

// companions are the files beside a model that what was made of it needs too.
var companions = []string{
	"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "sentence_bert_config.json",
	"vocab.txt", "vocab.json", "merges.txt", "tokenizer.model",
}

// copyFiles copies the companions of a model into a folder.
func copyFiles(f *folder.Folder, dir string) error {
	for _, name := range companions {
		from := f.Find(name)
		if from == "" {
			continue
		}
		if err := copyFile(from, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("finetune: %w", err)
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return atomicfile.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// normalization is how pictures become numbers.
func (r Recipe) normalization() input.Normalization {
	if r.Normalization != nil {
		return *r.Normalization
	}
	return input.ImageNet()
}
