import matplotlib.pyplot as plt

exam = [52, 58, 61, 64, 66, 70, 71, 75, 78, 81, 84, 88, 90, 94]
hours = [2.0, 3.5, 3.0, 5.5, 4.0, 6.0, 7.5, 6.5, 8.0, 9.5, 9.0, 11.0, 10.0, 12.5]
exam_online = [48, 50, 57, 60, 63, 64, 69, 72, 74, 79]
hours_online = [3.0, 4.5, 4.0, 6.0, 7.0, 5.0, 8.5, 9.0, 10.5, 11.5]

plt.figure(figsize=(6, 4.5))
plt.scatter(hours, exam, marker="o", s=45, label="Class A (on site)")
plt.scatter(hours_online, exam_online, marker="x", s=45, label="Class B (online)")
plt.axhline(60, color="red", linestyle="--", linewidth=1)
plt.text(11.2, 57.4, "pass mark", color="red", fontsize=9)
plt.xlabel("Hours of study per week")
plt.ylabel("Exam score")
plt.title("Study time and exam results")
plt.xlim(1, 13.5)
plt.ylim(40, 100)
plt.legend(loc="upper left")
plt.tight_layout()
plt.savefig("scatter_4.pdf", bbox_inches="tight")
