// Things to send when a person has nothing at hand: a drawn photo and three seconds of recorded quiet.

export async function samplePhoto() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 400];
  const pen = canvas.getContext("2d");
  const sky = pen.createLinearGradient(0, 0, 0, 400);
  sky.addColorStop(0, "#5b7cfa");
  sky.addColorStop(1, "#ffd9a0");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 640, 400);
  pen.fillStyle = "#fff3d6";
  pen.beginPath();
  pen.arc(450, 190, 54, 0, Math.PI * 2);
  pen.fill();
  [["#3d4f8f", 250, 120], ["#2c3a6e", 300, 60], ["#1e2850", 345, 30]].forEach(([colour, height, wave], layer) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.moveTo(0, 400);
    for (let x = 0; x <= 640; x += 10) pen.lineTo(x, height + Math.sin(x / (70 + layer * 25) + layer * 2) * wave * 0.4);
    pen.lineTo(640, 400);
    pen.fill();
  });
  const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new File([picture], "photo.png", { type: "image/png" });
}

export async function sampleVoice() {
  const recording = await (await fetch("voice.ogg")).blob();
  return new File([recording], "voice.ogg", { type: "audio/ogg" });
}
