// Package face finds faces in pictures, compares them, and places the 468
// points of a face mesh, with published ONNX models.
//
// A model comes as a [runtime.Session] of any engine. What it is, and so how
// its input is prepared and its output read, is told from the names, ranks and
// sizes of its inputs and outputs, never from a file name:
//
//	det, err := face.Open(ctx, session, face.Options{})
//	faces, err := det.Detect(ctx, img)
//
// The families of detectors are YuNet, Ultra-Light (RFB and slim), BlazeFace
// (short and full range) and RetinaFace; families in family.go lists them, a
// file each. Boxes and points are in pixels of the picture that was given,
// which package picture decodes upright.
//
// Faces are compared by [Embedder] after [Align] has set their eyes, nose and
// mouth to fixed places; [Mesher] fits the mesh.
package face
