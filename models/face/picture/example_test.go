package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/seed6700ada1/infer/models/face/picture"
)

func ExampleLetterbox() {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 400, 200))); err != nil {
		fmt.Println(err)
		return
	}
	p, err := picture.Decode(&file, picture.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	box, place := picture.Letterbox(p, 320, 320, picture.TopLeft, [3]uint8{})
	x, y := place.ToPicture(80, 40) // from the model's pixels to the picture's
	fmt.Println(p, "→", box, x, y)
	// Output: picture of 400×200 → picture of 320×320 100 50
}
