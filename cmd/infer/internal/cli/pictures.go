package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/models/face/picture"
)

// stdin is the argument that stands for standard input.
const stdin = "-"

// pictureFiles lists the pictures that the arguments name: files, folders with
// all below them, globs that the shell left alone, and "-".
func pictureFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		if arg == stdin {
			files = append(files, arg)
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err == nil && info.IsDir():
			found, err := picturesBelow(arg)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				return nil, fmt.Errorf("folder %s has no pictures", arg)
			}
			files = append(files, found...)
		case err == nil:
			files = append(files, arg)
		case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(arg, "*?["):
			found, err := filepath.Glob(arg)
			if err != nil {
				return nil, usagef("glob %q: %v", arg, err)
			}
			if len(found) == 0 {
				return nil, fmt.Errorf("no file matches %s", arg)
			}
			files = append(files, found...)
		default:
			return nil, err
		}
	}
	return files, nil
}

// extensions are those of the files that are looked at in a folder.
var extensions = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

func picturesBelow(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type().IsRegular() && slices.Contains(extensions, strings.ToLower(filepath.Ext(path))) {
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// openPicture decodes a file, or standard input.
func openPicture(path string, in io.Reader) (*picture.RGB, error) {
	if path != stdin {
		return picture.Open(path, picture.Options{})
	}
	p, err := picture.Decode(in, picture.Options{})
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return p, nil
}
